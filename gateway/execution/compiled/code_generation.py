"""Functions that complete the fields of an object, written out for the fields that are selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)

from gateway.execution.compiled.selected_field import Completer, Execution, Place, Selected

# What a value must pass to be in the data as it is; of others graphql-core decides.
_PLAIN: dict[object, str] = {
    GraphQLString: "type({0}) is str",
    GraphQLID: "type({0}) is str",
    GraphQLBoolean: "type({0}) is bool",
    GraphQLInt: f"type({{0}}) is int and {GRAPHQL_MIN_INT} <= {{0}} <= {GRAPHQL_MAX_INT}",
}
# The response's encoder writes those in UTC as the schema's scalar does.
_MOMENT = "type({0}) is datetime and {0}.tzinfo is UTC"
_COERCED = "{0} is not None and {0} is not Undefined"


@dataclass(frozen=True)
class PlannedField:
    """How to complete a field. A plain one is an attribute whose value, as it is or coerced, passes
    a test.
    """

    name: str  # in the data
    complete: Completer  # what isn't plain
    attribute: str = ""
    test: str = ""
    coerce: Callable[[Any], Any] | None = None
    nullable: bool = False  # null is plain, too


def planned_leaf(
    selected: Selected, attribute: str, type_: GraphQLScalarType | GraphQLEnumType
) -> PlannedField:
    """Return how to complete a scalar or an enum."""
    test = _MOMENT if type_.name == "DateTime" else _PLAIN.get(type_)
    return PlannedField(
        selected.name,
        selected.as_usual,
        attribute,
        test=test or _COERCED,
        coerce=None if test else type_.coerce_output_value,
        nullable=selected.is_nullable,
    )


def written_out(fields: Sequence[PlannedField]) -> Completer:
    """Return a function that completes these fields.

    It first reads what is plain, and if that raises, completes each field in the usual way: nothing
    has been called by then that must not be called twice.
    """

    def complete_each(execution: Execution, source: Any, place: Place) -> Any:
        return {each.name: each.complete(execution, source, place) for each in fields}

    known: dict[str, Any] = {
        "complete_each": complete_each,
        "datetime": datetime,
        "UTC": UTC,
        "Undefined": Undefined,
    }
    reads, members = [], []
    for number, each in enumerate(fields):
        known[f"complete_{number}"] = each.complete
        known[f"coerce_{number}"] = each.coerce
        reads.extend(_reads(number, each))
        members.append(f"        {each.name!r}: {_member(number, each)},")
    text = "\n".join(
        (
            "def complete(execution, source, place):",
            "    try:",
            *(reads or ["        pass"]),
            "    except Exception:",
            "        return complete_each(execution, source, place)",
            "    return {",
            *members,
            "    }",
        )
    )
    # All that comes from outside are names, and those of GraphQL are letters and digits.
    exec(text, known)  # noqa: S102 - see above
    completer: Completer = known["complete"]
    return completer


def _reads(number: int, planned: PlannedField) -> list[str]:
    if not planned.test:
        return []
    read = [f"        value_{number} = read_{number} = source.{planned.attribute}"]
    if planned.coerce is not None:
        read += [
            f"        if read_{number} is not None:",
            f"            value_{number} = None if isinstance(read_{number}, Exception)"
            f" else coerce_{number}(read_{number})",
        ]
    return read


def _member(number: int, planned: PlannedField) -> str:
    usual = f"complete_{number}(execution, source, place)"
    if not planned.test:
        return usual
    test = planned.test.format(f"value_{number}")
    if planned.nullable:
        test = f"read_{number} is None or {test}"
    return f"value_{number} if {test} else {usual}"
