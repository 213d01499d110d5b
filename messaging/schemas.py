"""The JSON Schema of each event type, checked when an event is published and when consumed."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

import jsonschema_rs

from messaging.conf import messaging_settings
from messaging.errors import InvalidEvent

# The largest number that PostgreSQL's bigint holds: a schema may leave its bounds out.
_MAX_INTEGER = 2**63 - 1


Check = Callable[[Mapping[str, Any]], None]


def check_data(event_type: str, data: Mapping[str, Any]) -> None:
    """Raise InvalidEvent if the data is not what the schema of its type says.

    A type without a schema has no handler, or one that checks the data itself. NUL and lone
    surrogates, which no database here can hold, are refused for all types.
    """
    check_of(event_type)(data)


def check_of(event_type: str) -> Check:
    """Return the check of a type, to be called for many events of it."""
    return partial(_check, _validator(messaging_settings().schemas, event_type))


def schema_address(event_type: str) -> str:
    """Return the `dataschema` attribute of a type: a name of the schema, not a place to call."""
    return f"urn:schema:{event_type}"


@lru_cache
def _validator(folder: Path, event_type: str) -> jsonschema_rs.Validator | None:
    file = folder / f"{event_type}.json"
    if "/" in event_type or not file.is_file():
        return None
    return jsonschema_rs.validator_for(file.read_text(), validate_formats=True)


def _check(validator: jsonschema_rs.Validator | None, data: Mapping[str, Any]) -> None:
    if validator is not None:
        try:
            validator.validate(data)
        except jsonschema_rs.ValidationError as error:
            place = "/".join(map(str, error.instance_path)) or "the data"
            raise InvalidEvent(f"{place}: {error.message}"[:1000]) from None
    try:
        _refuse_unstorable(data)
    except RecursionError:
        raise InvalidEvent("it is nested too deeply") from None


def _refuse_unstorable(value: Any) -> None:
    """Look at all that a list or object holds."""
    for item in chain(value, value.values()) if isinstance(value, dict) else value:
        if isinstance(item, str):  # or Django's own kinds of text
            if "\x00" in item:
                raise InvalidEvent("a text holds the character NUL")
        elif isinstance(item, int):
            if not -_MAX_INTEGER <= item <= _MAX_INTEGER:
                raise InvalidEvent("a number is too large")
        elif isinstance(item, dict | list | tuple):
            _refuse_unstorable(item)
