"""From a document's text to an operation that can be executed, found out once for each text."""

from dataclasses import dataclass, field
from functools import lru_cache

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
)
from strawberry.schema.schema import validate_document

from gateway.costs import Pages, pages_of
from gateway.limits import LimitRule
from gateway.plans import Plans
from gateway.schema import schema

MAX_PREPARED = 500  # a frontend sends the same few; each takes some 50 kB


@dataclass(frozen=True)
class Prepared:
    """A document and which of its operations is asked for; or why nothing can be executed."""

    errors: tuple[GraphQLError, ...] = ()
    document: DocumentNode = field(default_factory=DocumentNode)
    operation: OperationDefinitionNode | None = None
    pages: tuple[tuple[Pages, int], ...] = ()  # what it may fetch, for `costs.cost`
    plans: Plans | None = None  # None if they can't be kept, see `Plans`

    @property
    def kind(self) -> OperationType | None:
        """Whether it is a query or a mutation; None if there is no such operation."""
        return self.operation.operation if self.operation else None


@lru_cache(maxsize=MAX_PREPARED)
def prepare(query: str, operation_name: str | None) -> Prepared:
    """Parse and validate a document, and answer the operation of that name, or its only one."""
    try:
        return _prepare(query, operation_name)
    except GraphQLError as error:
        return Prepared((error,))
    except RecursionError as error:
        return Prepared((GraphQLError("", original_error=error),))


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
    errors = validate_document(schema.graphql, document, _rules())
    if len(operations) > 1:
        # The library would execute the first; the specification has it that nobody can tell.
        message = "The document has several operations: name one in 'operationName'."
        errors = [*errors, GraphQLError(message, extensions={"code": "BAD_REQUEST"})]
    return Prepared(
        tuple(errors),
        document,
        operations[0],
        () if errors else pages_of(document, operations[0]),
        # An "@" may belong to a text, too: all that is lost then is some time.
        None if "@" in query else Plans(),
    )


def _rules() -> tuple[type[ASTValidationRule], ...]:
    rules = (*specified_rules, LimitRule)
    return rules if settings.GRAPHQL_INTROSPECTION else (*rules, NoSchemaIntrospectionCustomRule)
