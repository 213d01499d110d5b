"""Calling a resolver with what it asks for, all that is the same for each row found out once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

import strawberry
from graphql import GraphQLArgument, GraphQLField, GraphQLResolveInfo, Undefined
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import get_argument_values
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from gateway.execution.compiled.selected_field import Execution, Place, Selected, path_of

_SCALARS = frozenset({str, int, float, bool, strawberry.ID})


class PlannedInfo(strawberry.Info[Any, None]):
    """The info of a resolver, put together only if it is asked for more than its context."""

    context: Any = None  # of the request; a member, since each resolver of each row reads it

    def __init__(
        self,
        execution: Execution,
        selected: Selected,
        field: StrawberryField,
        parent: Place,
    ) -> None:
        self.context = execution.context_value
        self._execution = execution
        self._selected = selected
        self._field = field
        self._parent = parent

    @property
    def _raw_info(self) -> GraphQLResolveInfo:  # type: ignore[override]  # there it is a member
        selected = self._selected
        path = path_of(selected.place(self._parent))
        return self._execution.build_resolve_info(
            selected.definition, selected.nodes, selected.parent, path
        )


@dataclass(frozen=True)
class Call:
    """How to call the resolver of a field. It is a method, which takes the object and the info."""

    field: StrawberryField
    definition: GraphQLField
    method: Callable[..., Any]
    # Of each argument in the schema, the resolver's name for it, and what makes its value
    names: Mapping[str, tuple[str, Callable[[Any], Any]]]

    def arguments(self, execution: Execution, details: FieldDetails) -> dict[str, Any]:
        """Return the arguments by the resolver's names. Raise GraphQLError if one can't be had."""
        given = get_argument_values(
            self.definition,
            details.node,
            execution.variable_values,
            details.fragment_variable_values,
            execution.hide_suggestions,
        )
        arguments = {}
        for name, value in given.items():
            own_name, convert = self.names[name]
            arguments[own_name] = None if value is None else convert(value)
        return arguments


def planned_call(
    field: StrawberryField, definition: GraphQLField, given: Collection[str]
) -> Call | None:
    """Return how to call the resolver with the arguments that are given, or None if there is more
    to it than is known here.
    """
    resolver = field.base_resolver
    if resolver is None or not callable(resolver.wrapped_func):
        return None
    first = list(resolver.signature.parameters.values())[:2]
    if first != [resolver.self_parameter, resolver.info_parameter]:
        return None
    if any(each.kind is Parameter.KEYWORD_ONLY for each in first):
        return None
    if resolver.root_parameter or resolver.parent_parameter:
        return None
    names = {}
    for name, argument in definition.args.items():
        named = _named(argument)
        if named is not None:
            names[name] = named
        elif name in given or argument.default_value is not Undefined:
            return None
    return Call(field, definition, resolver.wrapped_func, names)


def _named(argument: GraphQLArgument) -> tuple[str, Callable[[Any], Any]] | None:
    """Return the resolver's name for an argument and what makes its value; None for inputs."""
    known = argument.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(known, StrawberryArgument) or known.is_maybe or not known.python_name:
        return None
    type_ = known.type.of_type if isinstance(known.type, StrawberryOptional) else known.type
    if type_ in _SCALARS:
        return known.python_name, _as_it_is
    definition = getattr(type_, "__strawberry_definition__", type_)
    if isinstance(definition, StrawberryEnumDefinition):
        return known.python_name, definition.wrapped_cls
    return None


def _as_it_is(value: Any) -> Any:
    return value
