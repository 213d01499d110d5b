"""How to complete the selected fields of an object: what is plain is read, all else is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
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

Test = Callable[[Any], bool]
# What a value must pass to be in the data as it is; of others graphql-core decides.
_PLAIN: dict[object, Test] = {
    GraphQLString: lambda value: type(value) is str,
    GraphQLID: lambda value: type(value) is str,
    GraphQLBoolean: lambda value: type(value) is bool,
    GraphQLInt: lambda value: type(value) is int and GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT,
}


@dataclass(frozen=True)
class PlannedField:
    """How to complete a field. A plain one is an attribute whose value, as it is or coerced, passes
    a test.
    """

    name: str  # in the data
    complete: Completer  # what isn't plain
    attribute: str = ""
    test: Test | None = None
    coerce: Callable[[Any], Any] | None = None
    nullable: bool = False  # null is plain, too


def planned_leaf(
    selected: Selected, attribute: str, type_: GraphQLScalarType | GraphQLEnumType
) -> PlannedField:
    """Return how to complete a scalar or an enum."""
    # The response's encoder writes times as the schema's scalar does.
    test = _is_moment if type_.name == "DateTime" else _PLAIN.get(type_)
    return PlannedField(
        selected.name,
        selected.as_usual,
        attribute,
        test=test or _is_coerced,
        coerce=None if test else type_.coerce_output_value,
        nullable=selected.is_nullable,
    )


def completer_of(fields: Sequence[PlannedField]) -> Completer:
    """Return a function that completes these fields of an object."""
    planned = [
        (each.name, each.attribute, each.test, each.coerce, each.nullable, each.complete)
        for each in fields
    ]

    def complete(execution: Execution, source: Any, place: Place) -> Any:
        data: dict[str, Any] = {}
        for name, attribute, test, coerce, nullable, complete_usually in planned:
            if test is not None:
                try:
                    value = getattr(source, attribute)
                    if value is None and nullable:
                        data[name] = None
                        continue
                    if coerce and value is not None and not isinstance(value, Exception):
                        value = coerce(value)
                    if test(value):
                        data[name] = value
                        continue
                except Exception:  # noqa: BLE001, S110 - graphql-core meets it again, and notes it
                    pass
            data[name] = complete_usually(execution, source, place)
        return data

    return complete


def _is_moment(value: Any) -> bool:
    return type(value) is datetime


def _is_coerced(value: Any) -> bool:
    return value is not None and value is not Undefined and not isinstance(value, Exception)
