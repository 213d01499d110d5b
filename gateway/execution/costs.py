"""What an operation costs: how many quotes, likes and users it may fetch, at most.

A page of a hundred quotes that each ask for a hundred of their likes is small to write and large
to read. It is refused before anything is called, by the sizes of its pages alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from django.conf import settings
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from gateway.error_codes import ErrorCode
from gateway.schema.pagination import DEFAULT_PAGE, MAX_PAGE
from gateway.schema.root import schema

# What a field says of how many it may fetch: numbers, or the names of variables that have them.
# Of `first` and `last` either may be null, and the other one counts; of a list its length.
PageSize: TypeAlias = tuple[int | str, ...]
# The pages around and including one connection; their product is what it may fetch.
Pages: TypeAlias = tuple[PageSize, ...]
# What counting a list costs, however much of it the page holds: 10,000 entries of an index at most,
# which take about as long to count as a page of fifty takes to be read and written.
_TOTAL: Pages = ((50,),)
_TOTAL_INSIDE: Pages = (("totalCount",),)  # not yet known whether a connection is around it


def connections_of(schema: GraphQLSchema) -> frozenset[str]:
    """Return the names of the fields that give a connection: a page, whose size costs."""
    return frozenset(
        name
        for object_type in schema.type_map.values()
        if isinstance(object_type, GraphQLObjectType)
        for name, field in object_type.fields.items()
        if get_named_type(field.type).name.endswith("Connection")
    )


_CONNECTIONS = connections_of(schema.graphql)


class _Document:
    """Count the connections of a document by the pages around them.

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
        """Return how often a selection set, with its fragments spread out, has each."""
        total: Counter[Pages] = Counter()
        for node in selections.selections if selections else ():
            if isinstance(node, FragmentSpreadNode):
                total.update(self._fragment(node.name.value))
                continue
            inner = self.count(getattr(node, "selection_set", None))
            size = _size_of(node) if isinstance(node, FieldNode) else None
            if isinstance(node, FieldNode) and node.name.value == "totalCount":
                total[_TOTAL_INSIDE] += 1
            if size is not None:
                total[(size,)] += 1
                inner = _inside(size, inner)
            total.update(inner)
        return total

    def _fragment(self, name: str) -> Counter[Pages]:
        if name not in self._counted:
            fragment = self._fragments.get(name)
            self._counted[name] = self.count(fragment.selection_set if fragment else None)
        return self._counted[name]


def _inside(size: PageSize, inner: Counter[Pages]) -> Counter[Pages]:
    """Return what the selections of a connection may fetch, once for each of its rows; but it is
    counted once.
    """
    return Counter(
        {
            _TOTAL if pages == _TOTAL_INSIDE else (size, *pages): times
            for pages, times in inner.items()
        }
    )


def pages_of(
    document: DocumentNode, operation: OperationDefinitionNode
) -> tuple[tuple[Pages, int], ...]:
    """Return the pages that an operation of a valid document may fetch, and how often each."""
    return tuple(_Document(document).count(operation.selection_set).items())


def cost(pages: Iterable[tuple[Pages, int]], variables: Mapping[str, Any]) -> int:
    """Return how much those pages hold at most, with the variables as they are coerced."""
    total = 0
    for sizes, times in pages:
        product = times
        for given in sizes:
            product *= _size(given, variables)
        total += product
    return total


def _size(given: PageSize, variables: Mapping[str, Any]) -> int:
    # What is no size, or too large, is refused by the field itself, once for each row around it.
    known = (_of_variable(variables.get(each)) if isinstance(each, str) else each for each in given)
    return max((max(size, 1) for size in known if size is not None), default=DEFAULT_PAGE)


def _of_variable(value: object) -> int | None:
    """Return the size that a variable gives: of a page, or of a list of ids or entities."""
    if isinstance(value, list):
        return len(value)
    return min(value, MAX_PAGE) if isinstance(value, int) else None


def fixed_cost(pages: Sequence[tuple[Pages, int]]) -> int | None:
    """Return that cost if it is the same whatever the variables are, else None."""
    named = any(isinstance(each, str) for sizes, _ in pages for given in sizes for each in given)
    return None if named else cost(pages, {})


def check_cost(found: int) -> None:
    """Raise a GraphQLError, with the cost and the limit in it, if it is too much."""
    limit = settings.GRAPHQL_MAX_COST
    if found > limit:
        raise GraphQLError(
            f"The request may fetch {found} quotes, likes and users;"
            f" at most {limit} are allowed. Ask for smaller pages.",
            extensions={"code": ErrorCode.LIMIT_EXCEEDED, "cost": found, "limit": limit},
        )


def _size_of(field: FieldNode) -> PageSize | None:
    """Return what a field says of how many it may fetch; None if it is one thing at most."""
    for argument in field.arguments or ():
        if argument.name.value in ("ids", "representations"):
            return (_length(argument.value),)
    return _page_size(field) if field.name.value in _CONNECTIONS else None


def _length(ids: ValueNode) -> int | str:
    if isinstance(ids, VariableNode):
        return ids.name.value
    return len(ids.values) if isinstance(ids, ListValueNode) else 1


def _page_size(field: FieldNode) -> PageSize:
    given: list[int | str] = []
    for argument in field.arguments or ():
        if argument.name.value in ("first", "last"):
            if isinstance(argument.value, IntValueNode):
                given.append(min(int(argument.value.value), MAX_PAGE))
            elif isinstance(argument.value, VariableNode):
                given.append(argument.value.name.value)
    return tuple(given)
