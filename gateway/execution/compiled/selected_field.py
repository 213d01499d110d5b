"""A field as a document selects it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import VariableValues
from graphql.pyutils import Path

# Where a value stands, as `Path` has it: that of the whole, key and type name. Most are never asked
# for, and a tuple costs a tenth of a `Path`.
Place: TypeAlias = tuple[Any, str | int, str | None] | None


def path_of(place: Any) -> Path:
    """Return the path of a place that isn't the root."""
    if isinstance(place, Path):
        return place
    whole, key, type_name = place
    return Path(None if whole is None else path_of(whole), key, type_name)


class Execution(Protocol):
    """What completing a field needs of the execution of a request, most of it graphql-core's."""

    context_value: Any
    variable_values: VariableValues
    hide_suggestions: bool

    def completer(self, object_type: GraphQLObjectType, details: FieldDetailsList) -> Completer:
        """Return what completes the objects of a field."""

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """Complete a field in graphql-core's way."""

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Complete what a resolver has returned."""

    def build_resolve_info(
        self,
        field_def: GraphQLField,
        field_nodes: list[FieldNode],
        parent_type: GraphQLObjectType,
        path: Path,
    ) -> GraphQLResolveInfo:
        """Return graphql-core's info of a field."""

    def handle_field_error(
        self,
        raw_error: Exception,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        path: Path,
    ) -> None:
        """Note the error, or raise it where null may not be."""


# What completes one field of an object, or all that are selected: takes the execution, the object,
# and where that stands.
Completer: TypeAlias = Callable[[Execution, Any, Place], Any]


@dataclass(frozen=True)
class Selected:
    """A field of an object type, as a document selects it."""

    name: str  # in the data
    parent: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList

    @property
    def nodes(self) -> list[FieldNode]:
        """Where the document has it."""
        return [each.node for each in self.details]

    @property
    def given(self) -> set[str]:
        """The arguments that the document has."""
        return {each.name.value for node in self.nodes for each in node.arguments or ()}

    @property
    def type(self) -> GraphQLOutputType:
        return self.definition.type

    @property
    def nullable_type(self) -> GraphQLOutputType:
        return self.type.of_type if isinstance(self.type, GraphQLNonNull) else self.type

    @property
    def is_nullable(self) -> bool:
        """Whether null may be its value."""
        return not isinstance(self.type, GraphQLNonNull)

    def place(self, parent: Place) -> Place:
        """Return where the field's value stands, if its object stands there."""
        return parent, self.name, self.parent.name

    def as_usual(self, execution: Execution, source: Any, parent: Place) -> Any:
        """Complete the field in graphql-core's way."""
        path = path_of(self.place(parent))
        return execution.execute_field(self.parent, source, self.details, path, None)

    def failed(self, execution: Execution, error: Exception, parent: Place) -> None:
        """Return null and note the error at the field, or raise it where null may not be."""
        path = path_of(self.place(parent))
        execution.handle_field_error(error, self.type, self.details, path)
