"""How to complete the selected fields of an object, found out once; see `executor.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import strawberry
from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    TypeNameMetaFieldDef,
    Undefined,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

if TYPE_CHECKING:
    from gateway.executor import PlannedExecution

# The type that a value must be of, for it to be what the answer has.
_AS_IT_IS: dict[object, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}
_MAX_INT = 2**31 - 1
_MISSING = object()

# What completes one field of an object: takes the execution, the object, and where that stands.
Completer: TypeAlias = "Callable[[PlannedExecution, Any, Path | None], Any]"


@dataclass(frozen=True)
class Plan:
    """How to complete the selected fields of one object type.

    Of each field: its name in the answer; the attribute of the object that is the answer, and the
    type that it must be of, or None; and what completes it else.
    """

    fields: list[tuple[str, str, type | None, Completer]]
    made_of: GroupedFieldSet  # kept alive, since plans are found by its id


@dataclass
class Plans:
    """The plans of one operation. Those of a document without directives hold for all requests:
    directives may select other fields with other variables.
    """

    root: GroupedFieldSet | None = None
    found: dict[int, Plan] = field(default_factory=dict)
    sub_fields: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Selected:
    """A field of an object type, as a document selects it."""

    name: str  # in the answer
    parent: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList

    @property
    def type(self) -> GraphQLOutputType:
        return self.definition.type

    @property
    def nullable_type(self) -> GraphQLOutputType:
        return self.type.of_type if isinstance(self.type, GraphQLNonNull) else self.type

    def path(self, parent: Path | None) -> Path:
        return Path(parent, self.name, self.parent.name)

    def as_usual(self, execution: PlannedExecution, source: Any, parent: Path | None) -> Any:
        """Complete the field in graphql-core's way."""
        return execution.execute_field(self.parent, source, self.details, self.path(parent), None)


def make_plan(schema: GraphQLSchema, parent: GraphQLObjectType, selected: GroupedFieldSet) -> Plan:
    """Answer how to complete the selected fields of objects of a type."""
    fields = []
    for name, details in selected.items():
        definition = schema.get_field(parent, details[0].node.name.value)
        if definition is not None:
            fields.append((name, *_planned(_Selected(name, parent, definition, details))))
    return Plan(fields, selected)


def _planned(selected: _Selected) -> tuple[str, type | None, Completer]:
    """Answer attribute, expected type and completer of a field."""
    if selected.definition is TypeNameMetaFieldDef:
        return "", None, lambda execution, source, path: selected.parent.name
    known = selected.definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(known, StrawberryField) or known.extensions or known.is_async:
        return "", None, selected.as_usual
    if known.is_basic_field:
        if known.default_resolver is not getattr:
            return "", None, selected.as_usual
        expected = _AS_IT_IS.get(selected.nullable_type)
        return known.python_name, expected, _of_attribute(selected, known.python_name)
    resolver = known.base_resolver
    takes_arguments = selected.definition.args or selected.details[0].node.arguments
    if resolver is None or takes_arguments or not (
        resolver.self_parameter and resolver.info_parameter
        and not resolver.root_parameter and not resolver.parent_parameter
    ):  # fmt: skip
        return "", None, selected.as_usual
    method = resolver.wrapped_func
    return "", None, _of_method(selected, known, method, resolver.info_parameter.name)


def _of_attribute(selected: _Selected, attribute: str) -> Completer:
    """Answer what completes a field that is an attribute of its object."""
    type_ = selected.nullable_type
    if type_ is GraphQLInt:
        return _of_int(selected, attribute)
    if isinstance(type_, GraphQLScalarType | GraphQLEnumType):
        return _of_leaf(selected, attribute, type_)
    if isinstance(type_, GraphQLObjectType) and _origin(type_) is not None:
        return _of_object(selected, attribute, type_)
    if isinstance(type_, GraphQLList):
        item = type_.of_type
        item = item.of_type if isinstance(item, GraphQLNonNull) else item
        if isinstance(item, GraphQLObjectType) and _origin(item) is not None:
            return _of_list(selected, attribute, type_.of_type, item)
    return selected.as_usual


def _origin(type_: GraphQLObjectType) -> type | None:
    """Answer the class whose objects are of that type for certain, if there is one."""
    known = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return None if type_.is_type_of or known is None else known.origin


def _of_int(selected: _Selected, attribute: str) -> Completer:
    def complete(execution: PlannedExecution, source: Any, path: Path | None) -> Any:
        value = getattr(source, attribute, None)
        if type(value) is int and -_MAX_INT <= value <= _MAX_INT:
            return value
        return selected.as_usual(execution, source, path)

    return complete


def _of_leaf(
    selected: _Selected, attribute: str, type_: GraphQLScalarType | GraphQLEnumType
) -> Completer:
    """Answer what completes a scalar or an enum by its own rule."""
    nullable = type_ is selected.type
    coerce = type_.coerce_output_value

    def complete(execution: PlannedExecution, source: Any, path: Path | None) -> Any:
        value = getattr(source, attribute, _MISSING)
        if value is None and nullable:
            return None
        if value is None or value is _MISSING or isinstance(value, Exception):
            return selected.as_usual(execution, source, path)
        try:
            coerced = coerce(value)
        except Exception:  # noqa: BLE001 - it is raised again in the usual way
            return selected.as_usual(execution, source, path)
        if coerced is None or coerced is Undefined:
            return selected.as_usual(execution, source, path)
        return coerced

    return complete


def _of_object(selected: _Selected, attribute: str, type_: GraphQLObjectType) -> Completer:
    origin, details = _origin(type_), selected.details

    def complete(execution: PlannedExecution, source: Any, path: Path | None) -> Any:
        value = getattr(source, attribute, None)
        if type(value) is not origin:
            return selected.as_usual(execution, source, path)
        own_path = selected.path(path)
        try:
            return execution.execute_members(type_, details, value, own_path)
        except Exception as error:  # noqa: BLE001 - it is told at the field
            execution.handle_field_error(error, selected.type, details, own_path)
            return None

    return complete


def _of_list(
    selected: _Selected, attribute: str, item_type: GraphQLOutputType, type_: GraphQLObjectType
) -> Completer:
    origin, details = _origin(type_), selected.details

    def complete_items(execution: PlannedExecution, items: list[Any], path: Path) -> list[Any]:
        completed: list[Any] = []
        for index, item in enumerate(items):
            item_path = Path(path, index, None)
            try:
                completed.append(execution.execute_members(type_, details, item, item_path))
            except Exception as error:  # noqa: BLE001 - it is told at the item
                execution.handle_field_error(error, item_type, details, item_path)
                completed.append(None)
        return completed

    def complete(execution: PlannedExecution, source: Any, path: Path | None) -> Any:
        items = getattr(source, attribute, None)
        if type(items) is not list or any(type(item) is not origin for item in items):
            return selected.as_usual(execution, source, path)
        own_path = selected.path(path)
        try:
            return complete_items(execution, items, own_path)
        except Exception as error:  # noqa: BLE001 - it is told at the field
            execution.handle_field_error(error, selected.type, details, own_path)
            return None

    return complete


def _of_method(
    selected: _Selected, known: StrawberryField, method: Any, info_name: str
) -> Completer:
    """Answer what completes a field by a method that takes nothing but the info."""
    expected = _AS_IT_IS.get(selected.nullable_type)
    details = selected.details
    nodes = [each.node for each in details]

    def complete(execution: PlannedExecution, source: Any, path: Path | None) -> Any:
        own_path = selected.path(path)
        try:
            info = execution.build_resolve_info(
                selected.definition, nodes, selected.parent, own_path
            )
            value = method(source, **{info_name: strawberry.Info(_raw_info=info, _field=known)})
            if type(value) is expected:
                return value
            return execution.complete_value(selected.type, details, info, own_path, value, None)
        except Exception as error:  # noqa: BLE001 - it is told at the field
            execution.handle_field_error(error, selected.type, details, own_path)
            return None

    return complete
