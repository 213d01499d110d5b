"""The JSON Schema of each event type, checked when an event is published and when consumed."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from messaging.conf import messaging_settings
from messaging.errors import InvalidEvent

# The largest number that PostgreSQL's bigint holds: a schema may leave its bounds out.
_MAX_INTEGER = 2**63 - 1


def check_data(event_type: str, data: Mapping[str, Any]) -> None:
    """Raise InvalidEvent if the data is not what the schema of its type says.

    A type without a schema is not checked here: it has no handler, or its handler is its own
    judge. NUL and lone surrogates, which no database here can hold, are refused for all.
    """
    validator = _validator(messaging_settings().schemas, event_type)
    if validator is not None:
        try:
            validator.validate(data)
        except jsonschema_rs.ValidationError as error:
            place = "/".join(map(str, error.instance_path)) or "the data"
            raise InvalidEvent(f"{place}: {error.message}"[:1000]) from None
    _refuse_unstorable(data)


def schema_address(event_type: str) -> str:
    """Answer the `dataschema` attribute of a type: a name of the schema, not a place to call."""
    return f"urn:schema:{event_type}"


@lru_cache
def _validator(folder: Path, event_type: str) -> jsonschema_rs.Validator | None:
    file = folder / f"{event_type}.json"
    if "/" in event_type or not file.is_file():
        return None
    return jsonschema_rs.validator_for(file.read_text(), validate_formats=True)


def _refuse_unstorable(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise InvalidEvent("a text holds the character NUL")
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        if abs(value) > _MAX_INTEGER:
            raise InvalidEvent("a number is too large")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_unstorable(key)
            _refuse_unstorable(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_unstorable(item)
