"""What one request may ask: bounded before anything is executed or any service is called.

Fragments are counted at each of their spreads, so that repeating one is no way round a limit.
"""

from dataclasses import dataclass

from django.conf import settings
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Token,
    TokenKind,
    ValidationContext,
    ValidationRule,
)

from gateway.error_codes import ErrorCode

# Characters of a name or number: an alias is in the data once for each row.
MAX_WORD = 255
_WORDS = {TokenKind.NAME, TokenKind.INT, TokenKind.FLOAT}
# How many items each list of introspection has, or more than most; and how many may be listed. The
# standard query lists some thousand. Nested by aliases, they are a small request's large response.
LISTED = {
    "types": 60, "directives": 5, "fields": 8, "args": 2, "inputFields": 3, "enumValues": 5,
    "possibleTypes": 2, "interfaces": 2,
}  # fmt: skip
MAX_LISTED = 10_000
MAX_INTROSPECTION_DEPTH = 20  # the standard query follows `ofType` nine times, 15 deep in all


@dataclass(frozen=True)
class Size:
    """How large a part of a document is, with its fragments spread out."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0  # those directly in the selection set
    listed: int = 0  # items that introspection lists

    def beside(self, other: "Size") -> "Size":
        """Return the size of two parts of one selection set."""
        return Size(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.fields + other.fields,
            self.listed + other.listed,
        )


def limit_error(what: str, size: int, limit: int) -> GraphQLError:
    """Return the error for a request that is too large in some way."""
    return GraphQLError(
        f"The request has {what} {size}; at most {limit} is allowed.",
        extensions={"code": ErrorCode.LIMIT_EXCEEDED, "limit": limit},
    )


def check_words(document: DocumentNode) -> None:
    """Raise GraphQLError for a document with a name or a number that is too long."""
    token: Token | None = document.loc.start_token if document.loc else None
    while token is not None:
        length = token.end - token.start
        if length > MAX_WORD and token.kind in _WORDS:
            raise limit_error("a name or number of a length of", length, MAX_WORD)
        token = token.next


class LimitRule(ValidationRule):
    """Refuse a document with an operation that exceeds a limit."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        document = context.document
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._sizes: dict[str, Size] = {}
        self._open: set[str] = set()
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._check(definition)

    def _check(self, operation: OperationDefinitionNode) -> None:
        try:
            size = self._measure(operation.selection_set)
        except RecursionError:
            limit = settings.GRAPHQL_MAX_DEPTH
            self.report_error(limit_error("a depth of more than", limit, limit))
            return
        introspects = _introspects_only(operation.selection_set)
        depth = MAX_INTROSPECTION_DEPTH if introspects else settings.GRAPHQL_MAX_DEPTH
        is_mutation = operation.operation is OperationType.MUTATION
        for what, found, limit in (
            ("a depth of", size.depth, depth),
            ("a number of aliases of", size.aliases, settings.GRAPHQL_MAX_ALIASES),
            ("a number of top fields of", size.fields, settings.GRAPHQL_MAX_ROOT_FIELDS),
            (
                "a number of mutations of",
                size.fields if is_mutation else 0,
                settings.GRAPHQL_MAX_MUTATIONS,
            ),
            ("a size of introspection of", size.listed, MAX_LISTED),
        ):
            if found > limit:
                self.report_error(limit_error(what, found, limit))

    def _measure(self, selections: SelectionSetNode | None) -> Size:
        size = Size()
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                inner = self._measure(node.selection_set)
                aliases = inner.aliases + (1 if node.alias else 0)
                items = LISTED.get(node.name.value)
                listed = items * (1 + inner.listed) if items else inner.listed
                size = size.beside(Size(inner.depth + 1, aliases, 1, listed))
            elif isinstance(node, FragmentSpreadNode):
                size = size.beside(self._measure_fragment(node.name.value))
            else:
                size = size.beside(self._measure(getattr(node, "selection_set", None)))
        return size

    def _measure_fragment(self, name: str) -> Size:
        known = self._sizes.get(name)
        fragment = self._fragments.get(name)
        if known is not None:
            return known
        if fragment is None or name in self._open:  # unknown or recursive: other rules refuse it
            return Size()
        self._open.add(name)
        size = self._sizes[name] = self._measure(fragment.selection_set)
        self._open.discard(name)
        return size


def _introspects_only(selections: SelectionSetNode) -> bool:
    return all(
        isinstance(node, FieldNode) and node.name.value.startswith("__")
        for node in selections.selections
    )
