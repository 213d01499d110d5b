"""What an operation costs: how many quotes, likes and users it may fetch, at most.

A page of a hundred quotes that each ask for a hundred of their likes is small to write and large
to answer. It is refused before anything is called, by the sizes of its pages alone.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from django.conf import settings
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)
from strawberry.extensions.base_extension import SchemaExtension

from gateway.limits import LIMIT_EXCEEDED
from gateway.paging import DEFAULT_PAGE, MAX_PAGE

CONNECTIONS = frozenset({"quotes", "likedBy"})
CACHED_DOCUMENTS = 1000
# The size of a page: a number, or the name of the variable that has it.
PageSize: TypeAlias = int | str
# The pages around and including one connection; their product is what it may fetch.
Pages: TypeAlias = tuple[PageSize, ...]


class _Document:
    """Counts the connections of a document by the pages around them.

    Each fragment is counted once and multiplied by its spreads: to follow each spread would take
    for ever where fragments spread one another twice, level by level.
    """

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._counted: dict[str, Counter[Pages]] = {}

    def count(self, selections: SelectionSetNode | None) -> Counter[Pages]:
        """Answer how often a selection set, with its fragments spread out, has each."""
        total: Counter[Pages] = Counter()
        for node in selections.selections if selections else ():
            if isinstance(node, FragmentSpreadNode):
                total.update(self._fragment(node.name.value))
                continue
            inner = self.count(getattr(node, "selection_set", None))
            if isinstance(node, FieldNode) and node.name.value in CONNECTIONS:
                size = _page_size(node)
                total[(size,)] += 1
                inner = Counter({(size, *pages): times for pages, times in inner.items()})
            total.update(inner)
        return total

    def _fragment(self, name: str) -> Counter[Pages]:
        if name not in self._counted:
            fragment = self._fragments.get(name)
            self._counted[name] = self.count(fragment.selection_set if fragment else None)
        return self._counted[name]


def cost(query: str, operation_name: str | None, variables: Mapping[str, Any] | None) -> int:
    """Answer the cost of an operation of a valid document."""
    total = 0
    for pages, times in _pages(query, operation_name):
        product = times
        for page in pages:
            size = (variables or {}).get(page) if isinstance(page, str) else page
            # What is no size, or too large, is refused by the field itself.
            product *= min(max(size, 0), MAX_PAGE) if isinstance(size, int) else DEFAULT_PAGE
        total += product
    return total


@lru_cache(maxsize=CACHED_DOCUMENTS)
def _pages(query: str, operation_name: str | None) -> tuple[tuple[Pages, int], ...]:
    document = parse(query, no_location=True)
    counts = _Document(document)
    found: Counter[Pages] = Counter()
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            name = definition.name.value if definition.name else None
            if operation_name is None or name == operation_name:
                found.update(counts.count(definition.selection_set))
    return tuple(found.items())


def _page_size(field: FieldNode) -> PageSize:
    for argument in field.arguments or ():
        if argument.name.value in ("first", "last"):
            if isinstance(argument.value, IntValueNode):
                return min(int(argument.value.value), MAX_PAGE)
            if isinstance(argument.value, VariableNode):
                return argument.value.name.value
    return DEFAULT_PAGE


class CostLimit(SchemaExtension):
    """Refuses an operation that costs too much, with its cost and the limit in the error."""

    def on_validate(self) -> Iterator[None]:
        """Add the error to those of the validation, which has been done before."""
        execution = self.execution_context
        if execution.query and not execution.pre_execution_errors:
            found = cost(execution.query, execution._provided_operation_name, execution.variables)
            if found > settings.GRAPHQL_MAX_COST:
                limit = settings.GRAPHQL_MAX_COST
                error = GraphQLError(
                    f"The request may fetch {found} quotes, likes and users;"
                    f" at most {limit} are allowed. Ask for smaller pages.",
                    extensions={"code": LIMIT_EXCEEDED, "cost": found, "limit": limit},
                )
                execution.pre_execution_errors = [error]
        yield
