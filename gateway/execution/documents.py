"""From a document's text to an operation that can be executed, found out once for each text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from sys import getsizeof
from typing import Any

from django.conf import settings
from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    Source,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gateway.error_codes import ErrorCode
from gateway.execution.compiled.plans import Plans
from gateway.execution.costs import Pages, cost, fixed_cost, pages_of
from gateway.execution.error_entries import MAX_DOCUMENT_ERRORS, Entry, of_document
from gateway.execution.limits import LimitRule, check_words
from gateway.kept import Kept
from gateway.schema.root import schema

# Some 0.1 s of comparing fields that are to be one in the data. It grows by the square of how
# often each is repeated; the library's own budget allows seconds.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000
MAX_PREPARED = 500  # a frontend sends the same few
MAX_PREPARED_BYTES = 25_000_000  # in each process, of all that are kept together
# Characters of text and name; with so few tokens allowed, what is longer is mostly comments.
MAX_KEPT = 10_000
# Bytes: of what stands for a token, of the plan that it may have, and of an error
_BYTES_OF_TOKEN = 1_500
_BYTES_OF_ERROR = 2_000


@dataclass(frozen=True)
class Prepared:
    """A document and which of its operations is asked for; or why nothing can be executed.

    Of a document with errors nothing else is kept.
    """

    errors: tuple[Entry, ...] = ()
    kind: OperationType | None = None  # a query or a mutation; None if there is no such operation
    name: str | None = None  # of the operation; None if it has none
    document: DocumentNode = field(default_factory=DocumentNode)
    root_fields: frozenset[str] = frozenset()  # what is asked of the root, through fragments too
    pages: tuple[tuple[Pages, int], ...] = ()  # what it may fetch
    plans: Plans | None = None  # None if they can't be kept, see `Plans`

    def cost(self, variables: Mapping[str, Any]) -> int:
        """Return what it costs with these variables; see `costs`."""
        return cost(self.pages, variables) if self._fixed_cost is None else self._fixed_cost

    @cached_property
    def _fixed_cost(self) -> int | None:
        return fixed_cost(self.pages)


def prepare(query: str, operation_name: str | None) -> Prepared:
    """Parse and validate a document, and return the operation of that name, or its only one."""
    if len(query) + len(operation_name or "") > MAX_KEPT:
        return _prepared(query, operation_name)
    key = query, operation_name
    found = _kept.get(key)
    if found is None:
        found = _prepared(query, operation_name)
        _kept.put(key, found, _size(key, found), most=MAX_PREPARED)
    return found


def forget() -> None:
    """Forget all documents: their limits have changed."""
    _kept.clear()


_kept: Kept[tuple[str, str | None], Prepared] = Kept(most_bytes=MAX_PREPARED_BYTES)


def _size(key: tuple[str, str | None], prepared: Prepared) -> int:
    """Return about how many bytes of memory it takes to keep that, its plans included."""
    texts = sum(map(getsizeof, key))
    tokens = prepared.document.token_count
    return 2 * texts + _BYTES_OF_TOKEN * (tokens + 10) + _BYTES_OF_ERROR * len(prepared.errors)


def _prepared(query: str, operation_name: str | None) -> Prepared:
    try:
        return _prepare(query, operation_name)
    except GraphQLError as error:
        errors = [error]
    except RecursionError as error:
        errors = [GraphQLError("", original_error=error)]
    return Prepared(tuple(of_document(errors, query)))


def _prepare(query: str, operation_name: str | None) -> Prepared:
    document = _parsed(query)
    operations = [
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        and operation_name in (None, definition.name and definition.name.value)
    ]
    if not operations:
        return Prepared()
    errors = _errors(document)
    if len(operations) > 1:
        # The library would execute the first; the specification has it that nobody can know.
        message = "The document has several operations: name one in 'operationName'."
        errors = [*errors, GraphQLError(message, extensions={"code": ErrorCode.BAD_REQUEST})]
    kind, name = operations[0].operation, operations[0].name
    name_text = name.value if name else None
    if errors:
        return Prepared(tuple(of_document(errors, query)), kind, name_text)
    return Prepared(
        (),
        kind,
        name_text,
        document,
        _root_fields(document, operations[0]),
        pages_of(document, operations[0]),
        # An "@" may belong to a text, too: all that is lost then is some time.
        None if "@" in query else Plans(),
    )


def _parsed(query: str) -> DocumentNode:
    """Parse a document. Raise GraphQLError, also for one with a name that is too long."""
    source = Source(query)
    document = parse(source, max_tokens=settings.GRAPHQL_MAX_TOKENS)
    # Each error would look for its line in the text, from its start: `error_entries` does it once.
    source.body = ""
    check_words(document)
    return document


def _errors(document: DocumentNode) -> list[GraphQLError]:
    """Return what is wrong with a document; with one that is too large, nothing else."""
    measured = validate(schema.graphql, document, (LimitRule,))
    too_large = [error for error in measured if not isinstance(error, ValidationAbortedError)]
    if too_large:
        return too_large
    # Where the schema is nobody's to read, "Did you mean" would give it away name by name.
    hide_suggestions = not settings.GRAPHQL_INTROSPECTION
    errors = validate(
        schema.graphql,
        document,
        _rules(),
        max_errors=MAX_DOCUMENT_ERRORS,
        hide_suggestions=hide_suggestions,
    )
    if len(errors) <= MAX_DOCUMENT_ERRORS and any(
        isinstance(e, ValidationAbortedError) for e in errors
    ):
        message = "The document repeats fields and fragments too often."
        return [GraphQLError(message, extensions={"code": ErrorCode.LIMIT_EXCEEDED})]
    return errors


def _rules() -> tuple[type[ASTValidationRule], ...]:
    rules = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
    return rules if settings.GRAPHQL_INTROSPECTION else (*rules, NoSchemaIntrospectionCustomRule)


def _root_fields(document: DocumentNode, operation: OperationDefinitionNode) -> frozenset[str]:
    names: set[str] = set()
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    waiting = [operation.selection_set]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                names.add(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                # Taken out, as it says the same wherever else it is spread.
                spread = fragments.pop(node.name.value, None)
                waiting += [spread.selection_set] if spread else []
    return frozenset(names)
