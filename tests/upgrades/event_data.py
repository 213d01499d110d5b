"""Data made up from the JSON Schema of an event, as the schemas here are written."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies
from hypothesis.strategies import SearchStrategy

LONG = 5000  # characters of a text without bounds
_TIMES = strategies.datetimes(
    datetime(1, 1, 3),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(9999, 12, 29),  # noqa: DTZ001
    timezones=strategies.just(UTC),
)


def data_of(schema: dict[str, Any], *, unknown_fields: bool = False) -> SearchStrategy[Any]:
    """Return what makes up data that a schema allows; optional fields are there or not."""
    values = {name: _values(each) for name, each in schema["properties"].items()}
    required = {name: values[name] for name in schema["required"]}
    optional = {name: values[name] for name in values.keys() - required.keys()}
    data = strategies.fixed_dictionaries(required, optional=optional)
    if not unknown_fields:
        return data
    return data.map(lambda known: {"a_field_of_the_future": [1], **known})


def _values(schema: dict[str, Any]) -> SearchStrategy[Any]:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return strategies.one_of(*(_of_kind(kind, schema) for kind in kinds))


def _of_kind(kind: str, schema: dict[str, Any]) -> SearchStrategy[Any]:
    if "enum" in schema:
        return strategies.sampled_from(schema["enum"])
    if kind == "null":
        return strategies.none()
    if kind == "boolean":
        return strategies.booleans()
    if kind == "integer":
        return strategies.integers(schema.get("minimum", 0), schema.get("maximum", 2**63 - 1))
    assert kind == "string", f"event_data does not make up values of type {kind} yet"
    if schema.get("format") == "date-time":
        return _TIMES.map(lambda time: time.isoformat().replace("+00:00", "Z"))
    letters = strategies.characters(exclude_categories=["Cs"], exclude_characters="\x00")
    least, most = schema.get("minLength", 0), schema.get("maxLength", LONG)
    texts = strategies.text(letters, min_size=least, max_size=min(50, most))
    return texts | strategies.just("x" * most)
