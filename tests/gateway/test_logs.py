"""What the log tells, and what it must not."""

import json
import logging
import logging.config
from datetime import UTC, datetime
from pathlib import Path

import pytest

from observability.logs import logging_config
from tests.programs import run_python


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


@pytest.mark.parametrize(
    "value", ["é🙂", "\ud800", 2**70, datetime(2026, 11, 26, tzinfo=UTC), Path("a"), [{1: None}]]
)
def test_a_line_of_json_is_ascii_and_holds_any_value(value: object) -> None:
    config = logging_config(json_lines=True, level="INFO")
    formatter = config["formatters"]["structured"]
    made = formatter.pop("()")(**formatter)
    record = logging.LogRecord("a", logging.INFO, __file__, 1, {"told": value}, None, None)
    vars(record).update(_logger=logging.getLogger("a"), _name="info")
    line = made.format(record)
    assert line.isascii()
    assert json.loads(line)["told"] == json.loads(json.dumps(value, default=str))


def test_a_wrong_host_is_one_line_however_often_it_comes() -> None:
    """In a process of its own, as pytest has the logs of this one."""
    run = run_python(
        "-c",
        "import django; django.setup();"
        "from django.test import Client;"
        "print(Client().get('/', headers={'Host': 'evil.example'}).status_code)",
        DJANGO_SETTINGS_MODULE="gateway.settings",
        LOG_FORMAT="json",
    )
    assert run.stdout == "400\n"
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    [line] = [line for line in lines if line["event"] != "request"]
    assert line["level"] == "warning"
    assert "evil.example" in line["event"]
    assert "exception" not in line


def test_a_line_for_people_holds_nothing_that_a_terminal_obeys() -> None:
    config = logging_config(json_lines=False, level="INFO")
    formatter = config["formatters"]["structured"]
    made = formatter.pop("()")(**formatter)
    told = {"event": "parked", "reason": "\x1b[2J\x9b1m\x07\u202e"}
    record = logging.LogRecord("a", logging.INFO, __file__, 1, told, None, None)
    vars(record).update(_logger=logging.getLogger("a"), _name="info")
    assert made.format(record).isprintable()
