"""How to complete the selected fields of an object, found out once; see `executor.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLEnumType,
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
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.pyutils import Path
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from gateway.calls import Call, PlannedInfo, planned_call
from gateway.selected import Selected

if TYPE_CHECKING:
    from gateway.executor import PlannedExecution

# What a value must pass to be in the answer as it is; of others graphql-core decides.
_PLAIN: dict[object, str] = {
    GraphQLString: "type({0}) is str",
    GraphQLID: "type({0}) is str",
    GraphQLBoolean: "type({0}) is bool",
    GraphQLInt: f"type({{0}}) is int and {GRAPHQL_MIN_INT} <= {{0}} <= {GRAPHQL_MAX_INT}",
}
_MISSING = object()

# What completes one field of an object: takes the execution, the object, and where that stands.
Completer: TypeAlias = "Callable[[PlannedExecution, Any, Path | None], Any]"


@dataclass(frozen=True)
class PlannedField:
    """How to complete a field: a plain one is an attribute whose value passes a test."""

    name: str  # in the answer
    complete: Completer  # what isn't plain
    attribute: str = ""
    test: str = ""


@dataclass(frozen=True)
class Plan:
    """How to complete the selected fields of objects of one type."""

    complete: Callable[[PlannedExecution, Any, Path | None], dict[str, Any]]
    made_of: GroupedFieldSet  # kept alive, since plans are found by its id


@dataclass
class Plans:
    """The plans of one operation. Those of a document without directives hold for all requests:
    directives may select other fields with other variables.
    """

    root: GroupedFieldSet | None = None
    found: dict[int, Plan] = field(default_factory=dict)
    sub_fields: dict[Any, Any] = field(default_factory=dict)


def make_plan(schema: GraphQLSchema, parent: GraphQLObjectType, selected: GroupedFieldSet) -> Plan:
    """Answer how to complete the selected fields of objects of a type."""
    fields = []
    for name, details in selected.items():
        definition = schema.get_field(parent, details[0].node.name.value)
        if definition is not None:
            fields.append(_planned(Selected(name, parent, definition, details)))
    return Plan(compiled(fields), selected)


def compiled(fields: Sequence[PlannedField]) -> Completer:
    """Answer a function that completes these fields, written out for them."""

    def complete_each(execution: PlannedExecution, source: Any, path: Path | None) -> Any:
        return {each.name: each.complete(execution, source, path) for each in fields}

    known: dict[str, Any] = {"complete_each": complete_each}
    reads, members = [], []
    for number, each in enumerate(fields):
        value, otherwise = f"value_{number}", f"complete_{number}(execution, source, path)"
        known[f"complete_{number}"] = each.complete
        if each.test:
            reads.append(f"        {value} = source.{each.attribute}")
            otherwise = f"{value} if {each.test.format(value)} else {otherwise}"
        members.append(f"        {each.name!r}: {otherwise},")
    text = "\n".join(
        (
            "def complete(execution, source, path):",
            "    try:",
            *(reads or ["        pass"]),
            "    except AttributeError:",
            "        return complete_each(execution, source, path)",
            "    return {",
            *members,
            "    }",
        )
    )
    # All that comes from outside are names, and those of GraphQL are letters and digits.
    exec(text, known)  # noqa: S102
    completer: Completer = known["complete"]
    return completer


def _planned(selected: Selected) -> PlannedField:
    if selected.definition is TypeNameMetaFieldDef:
        return PlannedField(selected.name, lambda *_: selected.parent.name)
    usual = PlannedField(selected.name, selected.as_usual)
    known = selected.definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(known, StrawberryField) or known.extensions or known.is_async:
        return usual
    if not known.is_basic_field:
        call = planned_call(known, selected.definition)
        return usual if call is None else PlannedField(selected.name, _of_call(selected, call))
    if known.default_resolver is not getattr or not known.python_name.isidentifier():
        return usual
    test = _PLAIN.get(selected.nullable_type)
    if test is None:
        return PlannedField(selected.name, _of_attribute(selected, known.python_name))
    if selected.is_nullable:
        test = f"{{0}} is None or {test}"
    return PlannedField(selected.name, selected.as_usual, known.python_name, test)


def _of_attribute(selected: Selected, attribute: str) -> Completer:
    """Answer what completes a field that is an attribute of its object."""
    type_ = selected.nullable_type
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


def _of_leaf(
    selected: Selected, attribute: str, type_: GraphQLScalarType | GraphQLEnumType
) -> Completer:
    """Answer what completes a scalar or an enum by its own rule."""
    coerce = type_.coerce_output_value

    def complete(execution: PlannedExecution, source: Any, path: Path | None) -> Any:
        value = getattr(source, attribute, _MISSING)
        if value is None and selected.is_nullable:
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


def _of_object(selected: Selected, attribute: str, type_: GraphQLObjectType) -> Completer:
    origin, details = _origin(type_), selected.details

    def complete(execution: PlannedExecution, source: Any, path: Path | None) -> Any:
        value = getattr(source, attribute, None)
        if type(value) is not origin:
            return selected.as_usual(execution, source, path)
        own_path = selected.path(path)
        try:
            return execution.plan(type_, details).complete(execution, value, own_path)
        except Exception as error:  # noqa: BLE001 - it is told at the field
            execution.handle_field_error(error, selected.type, details, own_path)
            return None

    return complete


def _of_list(
    selected: Selected, attribute: str, item_type: GraphQLOutputType, type_: GraphQLObjectType
) -> Completer:
    origin, details = _origin(type_), selected.details

    def complete_items(execution: PlannedExecution, items: list[Any], path: Path) -> list[Any]:
        completed: list[Any] = []
        complete = execution.plan(type_, details).complete
        for index, item in enumerate(items):
            item_path = Path(path, index, None)
            try:
                completed.append(complete(execution, item, item_path))
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


def _of_call(selected: Selected, call: Call) -> Completer:
    """Answer what completes a field by what its resolver answers."""
    plain: dict[object, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}
    expected = plain.get(selected.nullable_type)
    field = selected.details[0]

    def complete(execution: PlannedExecution, source: Any, path: Path | None) -> Any:
        info = PlannedInfo(execution, selected, call.field, path)
        try:
            value = call.method(
                source, **{call.info_name: info}, **call.arguments(execution, field)
            )
            if type(value) is expected:
                return value
            return execution.complete_value(
                selected.type, selected.details, info._raw_info, selected.path(path), value, None
            )
        except Exception as error:  # noqa: BLE001 - it is told at the field
            execution.handle_field_error(
                error, selected.type, selected.details, selected.path(path)
            )
            return None

    return complete
