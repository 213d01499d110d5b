"""How to complete the selected fields of an object, found out once; see `execution.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    TypeNameMetaFieldDef,
    VariableNode,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from gateway.execution.compiled.code_generation import PlannedField, planned_leaf, written_out
from gateway.execution.compiled.resolvers import Call, PlannedInfo, planned_call
from gateway.execution.compiled.selected_field import Completer, Execution, Place, Selected, path_of


@dataclass(frozen=True)
class Plan:
    """How to complete the selected fields of objects of one type."""

    complete: Completer
    made_of: GroupedFieldSet  # kept alive, since plans are found by its id


@dataclass
class Plans:
    """The plans of one operation. Those of a document without directives hold for all requests:
    directives may select other fields with other variables.
    """

    first: Execution | None = None  # of nobody's request: what the others are made from
    root: tuple[GraphQLObjectType, GroupedFieldSet] | None = None
    found: dict[int, Plan] = field(default_factory=dict)
    sub_fields: dict[Any, Any] = field(default_factory=dict)


def make_plan(schema: GraphQLSchema, parent: GraphQLObjectType, selected: GroupedFieldSet) -> Plan:
    """Return how to complete the selected fields of objects of a type."""
    fields = []
    for name, details in selected.items():
        definition = schema.get_field(parent, details[0].node.name.value)
        if definition is not None:
            fields.append(_planned(Selected(name, parent, definition, details)))
    return Plan(written_out(fields), selected)


def _planned(selected: Selected) -> PlannedField:
    if selected.definition is TypeNameMetaFieldDef:
        return PlannedField(selected.name, lambda *_: selected.parent.name)
    usual = PlannedField(selected.name, selected.as_usual)
    known = selected.definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(known, StrawberryField) or known.extensions or known.is_async:
        return usual
    if not known.is_basic_field:
        call = planned_call(known, selected.definition, selected.given)
        return usual if call is None else PlannedField(selected.name, _of_call(selected, call))
    if known.default_resolver is not getattr or not known.python_name.isidentifier():
        return usual
    type_ = selected.nullable_type
    if isinstance(type_, GraphQLScalarType | GraphQLEnumType):
        return planned_leaf(selected, known.python_name, type_)
    return PlannedField(selected.name, _of_attribute(selected, known.python_name))


def _of_attribute(selected: Selected, attribute: str) -> Completer:
    """Return what completes a field whose objects are an attribute."""
    type_ = selected.nullable_type
    if isinstance(type_, GraphQLObjectType) and _origin(type_) is not None:
        return _of_object(selected, attribute, type_)
    if isinstance(type_, GraphQLList):
        item = type_.of_type
        item = item.of_type if isinstance(item, GraphQLNonNull) else item
        if isinstance(item, GraphQLObjectType) and _origin(item) is not None:
            return _of_list(selected, attribute, type_.of_type, item)
    return selected.as_usual


def _origin(type_: GraphQLObjectType) -> type | None:
    """Return the class whose objects are of that type for certain, if there is one."""
    known = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(known, StrawberryObjectDefinition):
        return None
    # One that stands for an interface is asked of each object; by default it is an isinstance.
    return None if known.is_type_of else known.origin


def _of_object(selected: Selected, attribute: str, type_: GraphQLObjectType) -> Completer:
    origin, objects = _origin(type_), _SelectedObjects(type_, selected.details)

    def complete(execution: Execution, source: Any, place: Place) -> Any:
        value = getattr(source, attribute, None)
        if type(value) is not origin:
            return selected.as_usual(execution, source, place)
        try:
            return objects.complete(execution, value, selected.place(place))
        except Exception as error:  # noqa: BLE001 - it is noted at the field
            return selected.failed(execution, error, place)

    return complete


def _of_list(
    selected: Selected, attribute: str, item_type: GraphQLOutputType, type_: GraphQLObjectType
) -> Completer:
    origin, objects = _origin(type_), _SelectedObjects(type_, selected.details)

    def complete_items(execution: Execution, items: list[Any], place: Place) -> list[Any]:
        completed: list[Any] = []
        complete = objects.completer(execution)
        for index, item in enumerate(items):
            item_place = (place, index, None)
            try:
                completed.append(complete(execution, item, item_place))
            except Exception as error:  # noqa: BLE001 - it is noted at the item
                path = path_of(item_place)
                execution.handle_field_error(error, item_type, selected.details, path)
                completed.append(None)
        return completed

    def complete(execution: Execution, source: Any, place: Place) -> Any:
        items = getattr(source, attribute, None)
        if type(items) is not list or any(type(item) is not origin for item in items):
            return selected.as_usual(execution, source, place)
        try:
            return complete_items(execution, items, selected.place(place))
        except Exception as error:  # noqa: BLE001 - it is noted at the field
            return selected.failed(execution, error, place)

    return complete


class _SelectedObjects:
    """The objects of a field. What completes them is looked up once: it is of the same `Plans`."""

    def __init__(self, type_: GraphQLObjectType, details: FieldDetailsList) -> None:
        self._type = type_
        self._details = details
        self._completer: Completer | None = None

    def completer(self, execution: Execution) -> Completer:
        """Return what completes each of them."""
        completer = self._completer
        if completer is None:
            completer = self._completer = execution.completer(self._type, self._details)
        return completer

    def complete(self, execution: Execution, value: Any, place: Place) -> Any:
        """Complete one of them, which stands at that place."""
        return self.completer(execution)(execution, value, place)


def _of_call(selected: Selected, call: Call) -> Completer:
    """Return what completes a field by what its resolver returns."""
    plain: dict[object, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}
    type_ = selected.nullable_type
    origin = _origin(type_) if isinstance(type_, GraphQLObjectType) else None
    objects = (
        _SelectedObjects(type_, selected.details) if isinstance(type_, GraphQLObjectType) else None
    )
    expected = plain.get(type_)
    field = selected.details[0]
    # Scalars and enums, none of them a variable's, are the same for all requests.
    are_fixed = not any(isinstance(each.value, VariableNode) for each in field.node.arguments or ())
    fixed: dict[str, Any] | None = None
    has_arguments = bool(call.names)
    method, strawberry_field = call.method, call.field

    def complete(execution: Execution, source: Any, place: Place) -> Any:
        nonlocal fixed
        info = PlannedInfo(execution, selected, strawberry_field, place)
        try:
            if has_arguments:
                arguments = fixed if fixed is not None else call.arguments(execution, field)
                if are_fixed:
                    fixed = arguments
                value = method(source, info, **arguments)
            else:
                value = method(source, info)
            if type(value) is expected:
                return value
            if objects is not None and type(value) is origin:
                return objects.complete(execution, value, selected.place(place))
            path = path_of(selected.place(place))
            return execution.complete_value(
                selected.type, selected.details, info._raw_info, path, value, None
            )
        except Exception as error:  # noqa: BLE001 - it is noted at the field
            return selected.failed(execution, error, place)

    return complete
