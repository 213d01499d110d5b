"""A field as a document selects it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLField, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path

if TYPE_CHECKING:
    from gateway.executor import PlannedExecution


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

    def path(self, parent: Path | None) -> Path:
        return Path(parent, self.name, self.parent.name)

    def as_usual(self, execution: PlannedExecution, source: Any, parent: Path | None) -> Any:
        """Complete the field in graphql-core's way."""
        return execution.execute_field(self.parent, source, self.details, self.path(parent), None)
