"""What the log tells, and what it must not."""

import logging
import logging.config

import pytest

from observability.logs import logging_config


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_traceback_has_no_values_of_variables(json_lines: bool) -> None:
    config = logging_config(json_lines=json_lines, level="INFO")
    formatter = config["formatters"]["structured"]
    made = formatter.pop("()")(**formatter)

    def log_in(password: str) -> None:
        raise ValueError("it went wrong")

    try:
        log_in("a long" + " secret")
    except ValueError as error:
        record = logging.LogRecord(
            "a", logging.ERROR, __file__, 1, "fault", None, (ValueError, error, error.__traceback__)
        )
    told = made.format(record)
    assert "it went wrong" in told
    assert "a long secret" not in told
