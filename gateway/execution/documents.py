"""From a document's text to an operation that can be executed, found out once for each text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gateway.errors import ErrorCode
from gateway.execution.compiled.plans import Plans
from gateway.execution.costs import Pages, cost, fixed_cost, pages_of
from gateway.execution.limits import LimitRule
from gateway.schema.root import schema

# Some 0.1 s of comparing fields that are to be one in the data. It grows by the square of how
# often each is repeated; the library's own budget allows seconds.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000
MAX_PREPARED = 500  # a frontend sends the same few; each takes some 50 kB
# Characters of text and name; with so few tokens allowed, what is longer is mostly comments.
MAX_KEPT = 10_000


@dataclass(frozen=True)
class Prepared:
    """A document and which of its operations is asked for; or why nothing can be executed."""

    errors: tuple[GraphQLError, ...] = ()
    document: DocumentNode = field(default_factory=DocumentNode)
    operation: OperationDefinitionNode | None = None
    pages: tuple[tuple[Pages, int], ...] = ()  # what it may fetch
    plans: Plans | None = None  # None if they can't be kept, see `Plans`

    def cost(self, variables: Mapping[str, Any]) -> int:
        """Return what it costs with these variables; see `costs`."""
        return cost(self.pages, variables) if self._fixed_cost is None else self._fixed_cost

    @cached_property
    def _fixed_cost(self) -> int | None:
        return fixed_cost(self.pages)

    @property
    def name(self) -> str | None:
        """The name of the operation; None if it has none."""
        return self.operation.name.value if self.operation and self.operation.name else None

    @property
    def kind(self) -> OperationType | None:
        """Whether it is a query or a mutation; None if there is no such operation."""
        return self.operation.operation if self.operation else None


def prepare(query: str, operation_name: str | None) -> Prepared:
    """Parse and validate a document, and return the operation of that name, or its only one."""
    if len(query) + len(operation_name or "") > MAX_KEPT:
        return _prepared(query, operation_name)
    return _kept(query, operation_name)


def forget() -> None:
    """Forget all documents: their limits have changed."""
    _kept.cache_clear()


@lru_cache(maxsize=MAX_PREPARED)
def _kept(query: str, operation_name: str | None) -> Prepared:
    return _prepared(query, operation_name)


def _prepared(query: str, operation_name: str | None) -> Prepared:
    try:
        prepared = _prepare(query, operation_name)
    except GraphQLError as error:
        prepared = Prepared((error,))
    except RecursionError as error:
        prepared = Prepared((GraphQLError("", original_error=error),))
    for each in prepared.errors:
        _forget_frames(each)
    return prepared


def _forget_frames(error: GraphQLError) -> None:
    """Forget where an error was raised: those frames would keep the first request with it, its
    body and token, for as long as the document is kept.
    """
    cause: BaseException | None = error
    while cause is not None:
        cause.__traceback__ = cause.__context__ = cause.__cause__ = None
        cause = getattr(cause, "original_error", None)


def _prepare(query: str, operation_name: str | None) -> Prepared:
    document = parse(query, max_tokens=settings.GRAPHQL_MAX_TOKENS)
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
    return Prepared(
        tuple(errors),
        document,
        operations[0],
        () if errors else pages_of(document, operations[0]),
        # An "@" may belong to a text, too: all that is lost then is some time.
        None if "@" in query else Plans(),
    )


def _errors(document: DocumentNode) -> list[GraphQLError]:
    """Return what is wrong with a document; with one that is too large, nothing else."""
    measured = validate(schema.graphql, document, (LimitRule,))
    too_large = [error for error in measured if not isinstance(error, ValidationAbortedError)]
    if too_large:
        return too_large
    # Where the schema is nobody's to read, "Did you mean" would give it away name by name.
    hide_suggestions = not settings.GRAPHQL_INTROSPECTION
    errors = validate(schema.graphql, document, _rules(), hide_suggestions=hide_suggestions)
    if any(isinstance(error, ValidationAbortedError) for error in errors):
        message = "The document repeats fields and fragments too often."
        return [GraphQLError(message, extensions={"code": ErrorCode.LIMIT_EXCEEDED})]
    return errors


def _rules() -> tuple[type[ASTValidationRule], ...]:
    rules = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
    return rules if settings.GRAPHQL_INTROSPECTION else (*rules, NoSchemaIntrospectionCustomRule)
