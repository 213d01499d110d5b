"""Subscriptions, from a parsed request to what is told of each event."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from graphql import FieldNode, GraphQLError, OperationType, Visitor, visit
from graphql.execution.collect_fields import collect_fields
from graphql.execution.executor import Executor
from graphql.execution.values import get_argument_values

from gateway.context import RequestContext
from gateway.error_codes import ErrorCode
from gateway.execution.costs import check_cost
from gateway.execution.documents import Prepared, prepare
from gateway.execution.error_entries import of_document
from gateway.execution.execute import executed, execution_of
from gateway.execution.operation import Operation, Outcome, failure

# The fields that are the same for everybody. What isn't here is asked for each caller alone.
_SAME_FOR_ALL = frozenset(
    {
        "__typename", "author", "change", "createdAt", "createdBy", "cursor", "edges", "endCursor",
        "hasNextPage", "hasPreviousPage", "id", "joinedAt", "likedBy", "likes", "node", "nodes",
        "pageInfo", "quote", "quoteChanged", "startCursor", "title", "updatedAt", "username",
        "version",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Subscribed:
    """A subscription that can be executed for each event."""

    prepared: Prepared
    operation: Operation
    arguments: dict[str, Any]  # of its only field
    asks_of_caller: bool  # whether what it tells depends on who asks


def subscribe(operation: Operation, context: RequestContext) -> Subscribed | Outcome:
    """Return the subscription that an operation is, or why it is none that can be executed."""
    prepared = prepare(operation.query, operation.operation_name)
    context.operation_name = prepared.name
    if prepared.errors:
        return Outcome(errors=list(prepared.errors))
    if prepared.kind is not OperationType.SUBSCRIPTION:
        message = f"Subscriptions alone are served here, all else at {settings.GATEWAY_URL}."
        return failure(message, ErrorCode.BAD_REQUEST)
    execution = execution_of(prepared, operation, context)
    if isinstance(execution, list):
        return Outcome(errors=of_document(execution, operation.query))
    try:
        check_cost(prepared.cost(execution.variable_values.coerced))
        arguments = _arguments(execution)
    except GraphQLError as error:
        return Outcome(errors=of_document([error], operation.query))
    return Subscribed(prepared, operation, arguments, _asks_of_caller(prepared))


def execute_event(subscribed: Subscribed, context: RequestContext, event: object) -> Outcome:
    """Execute a subscription with one event; never raises."""
    return executed(subscribed.prepared, subscribed.operation, context, event)


def _arguments(execution: Executor[Any]) -> dict[str, Any]:
    """Return the arguments of the only field. Raise GraphQLError if they can't be used."""
    root = execution.schema.subscription_type
    if root is None:
        raise TypeError("the schema has no subscriptions")
    collected = collect_fields(
        execution.schema, execution.fragments, execution.variable_values, root, execution.operation
    )
    for [details, *_] in collected.grouped_field_set.values():
        definition = root.fields[details.node.name.value]
        return get_argument_values(definition, details.node, execution.variable_values)
    code = ErrorCode.BAD_REQUEST
    raise GraphQLError("The subscription asks for nothing.", extensions={"code": code})


class _Fields(Visitor):
    """Finds whether a document has a field that is not the same for everybody."""

    found = False

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Look at a field."""
        self.found = self.found or node.name.value not in _SAME_FOR_ALL


def _asks_of_caller(prepared: Prepared) -> bool:
    fields = _Fields()
    visit(prepared.document, fields)
    return fields.found
