"""Subscriptions, from a parsed request to what is told of each event."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from graphql import (
    SKIP,
    ArgumentNode,
    FieldNode,
    GraphQLError,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import collect_fields
from graphql.execution.executor import Executor
from graphql.execution.values import get_argument_values
from graphql.language.visitor import VisitorActionEnum

from gateway.context import RequestContext
from gateway.error_codes import ErrorCode
from gateway.execution.costs import check_cost
from gateway.execution.documents import Prepared, prepare
from gateway.execution.error_entries import of_document
from gateway.execution.execute import executed, execution_of
from gateway.execution.operation import Operation, Outcome, failure

_ROOT_FIELD = "quoteChanged"
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
    variables: dict[str, Any]  # on which it depends what is told of an event


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
    selection = _Selection()
    visit(prepared.document, selection)
    given = operation.variables or {}
    variables = {name: given[name] for name in sorted(selection.variables & given.keys())}
    return Subscribed(prepared, operation, arguments, selection.asks_of_caller, variables)


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


class _Selection(Visitor):
    """Finds what decides on what is told of an event: which quotes are subscribed to does not."""

    def __init__(self) -> None:
        super().__init__()
        self.asks_of_caller = False
        self.variables: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Look at a field."""
        self.asks_of_caller = self.asks_of_caller or node.name.value not in _SAME_FOR_ALL

    def enter_variable_definition(self, *_: Any) -> VisitorActionEnum:
        """Leave out where a variable is not used, but declared."""
        return SKIP

    def enter_argument(
        self, _node: ArgumentNode, _key: Any, _parent: Any, _path: Any, ancestors: Sequence[Any]
    ) -> VisitorActionEnum | None:
        """Leave out the arguments of the subscription itself."""
        owner = ancestors[-1]
        of_root = isinstance(owner, FieldNode) and owner.name.value == _ROOT_FIELD
        return SKIP if of_root else None

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        """Look at a variable."""
        self.variables.add(node.name.value)
