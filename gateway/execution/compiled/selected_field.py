"""A field as a document selects it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import FieldNode, GraphQLField, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path

if TYPE_CHECKING:
    from gateway.execution.compiled.execution import PlannedExecution


# Where a value stands, as `Path` has it: that of the whole, key and type name. Most are never asked
# for, and a tuple costs a tenth of a `Path`.
Place: TypeAlias = tuple[Any, str | int, str | None] | None


def path_of(place: Any) -> Path:
    """Answer the path of a place that isn't the root."""
    if isinstance(place, Path):
        return place
    whole, key, type_name = place
    return Path(None if whole is None else path_of(whole), key, type_name)


@dataclass(frozen=True)
class Selected:
    """A field of an object type, as a document selects it."""

    name: str  # in the answer
    parent: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList

    @property
    def nodes(self) -> list[FieldNode]:
        """Where the document has it."""
        return [each.node for each in self.details]

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
        """Answer where the field's value stands, if its object stands there."""
        return parent, self.name, self.parent.name

    def as_usual(self, execution: PlannedExecution, source: Any, parent: Place) -> Any:
        """Complete the field in graphql-core's way."""
        path = path_of(self.place(parent))
        return execution.execute_field(self.parent, source, self.details, path, None)

    def failed(self, execution: PlannedExecution, error: Exception, parent: Place) -> None:
        """Answer null and tell the error at the field, or raise it where null may not be."""
        path = path_of(self.place(parent))
        execution.handle_field_error(error, self.type, self.details, path)
