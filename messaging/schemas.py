"""The JSON Schema of each event type, checked when an event is published and when consumed."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema_rs
import orjson

from messaging.conf import messaging_settings
from messaging.errors import InvalidEvent

# The largest number that PostgreSQL's bigint holds: a schema may leave its bounds out.
_MAX_INTEGER = 2**63 - 1


_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_EARLIEST = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
_LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)

Check = Callable[[Mapping[str, Any]], None]
# What JSON Schema checks, and the names of those properties that are whole numbers.
_Validator: TypeAlias = tuple[jsonschema_rs.Validator, Sequence[str]]


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
def _validator(folder: Path, event_type: str) -> _Validator | None:
    file = folder / f"{event_type}.json"
    if "/" in event_type or not file.is_file():
        return None
    schema = orjson.loads(file.read_bytes())
    kinds = {name: each.get("type") for name, each in schema.get("properties", {}).items()}
    whole = [name for name, kind in kinds.items() if kind in ("integer", ["integer", "null"])]
    check = jsonschema_rs.validator_for(
        schema, formats={"date-time": is_storable_time}, validate_formats=True
    )
    return check, whole


def is_storable_time(text: str) -> bool:
    """Return whether this is a time (RFC 3339) that Python and the databases can hold in UTC.

    Not a leap second; and not within a day of the calendar's ends, where some zone has no time.
    """
    if not _RFC_3339.fullmatch(text):
        return False
    try:
        time = datetime.fromisoformat(text).astimezone(UTC)
    except (OverflowError, ValueError):
        return False
    return _EARLIEST <= time <= _LATEST


def _check(validator: _Validator | None, data: Mapping[str, Any]) -> None:
    if validator is not None:
        check, whole = validator
        try:
            check.validate(data)
        except jsonschema_rs.ValidationError as error:
            place = "/".join(map(str, error.instance_path)) or "the data"
            raise InvalidEvent(f"{place}: {error.message}"[:1000]) from None
        for name in whole:  # 1.0 is an integer to JSON Schema, and not to a handler
            if isinstance(data.get(name), float):
                raise InvalidEvent(f"{name}: {data[name]} is not a whole number")
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
