"""From a parsed request to its outcome: execute it, and give every error its code."""

from typing import Any

from django.conf import settings
from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution.executor import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as GraphQLCoreExecution

from gateway.context import RequestContext
from gateway.error_codes import ErrorCode
from gateway.execution.compiled.execution import CompiledExecution
from gateway.execution.compiled.plans import Plans
from gateway.execution.costs import check_cost
from gateway.execution.documents import Prepared, prepare
from gateway.execution.error_entries import FirstErrors, of_document, of_execution
from gateway.execution.operation import Operation, Outcome, failure
from gateway.schema.root import schema
from observability.trace import part_of_trace

_LOGINS = frozenset({"login", "register", "refreshSession"})


def only_logs_in(operation: Operation) -> bool:
    """Return whether an operation makes a new token, and does nothing that an old one is for."""
    prepared = prepare(operation.query, operation.operation_name)
    # Both are fields of mutations alone, so that no query has them.
    asked = prepared.root_fields - {"__typename"}
    return not prepared.errors and bool(asked) and asked <= _LOGINS


def execute(operation: Operation, context: RequestContext, *, may_write: bool) -> Outcome:
    """Execute a request; never raises."""
    prepared = prepare(operation.query, operation.operation_name)
    context.operation_name = prepared.name
    if prepared.kind is not None:
        context.operation_kind = prepared.kind.value
    refusal = _refused(prepared, may_write)
    if refusal is not None:
        return refusal
    kind = "" if prepared.kind is None else prepared.kind.value
    about = {"graphql.operation.type": kind, "graphql.operation.name": (prepared.name or "")[:100]}
    with part_of_trace(kind, attributes=about):
        return executed(prepared, operation, context)


def executed(
    prepared: Prepared, operation: Operation, context: RequestContext, event: object = None
) -> Outcome:
    """Execute what is prepared; of a subscription, with what it tells of an `event`."""
    try:
        return _executed(prepared, operation, context, event)
    except Exception as error:  # noqa: BLE001 - it is logged, and the client reads INTERNAL
        fault = GraphQLError("", original_error=error)
        return Outcome(errors=of_execution([fault], operation.query))


def _refused(prepared: Prepared, may_write: bool) -> Outcome | None:
    """Return why nothing is executed, if it isn't."""
    if prepared.kind is None and not prepared.errors:
        return failure(
            "The document has no operation of that name, or several and none is named.",
            ErrorCode.BAD_REQUEST,
        )
    if prepared.kind is OperationType.SUBSCRIPTION and not prepared.errors:
        message = (
            f"Subscriptions are served at {settings.LIVE_URL}, to clients that accept"
            " text/event-stream or multipart/mixed, or that use a WebSocket."
        )
        return failure(message, ErrorCode.BAD_REQUEST)
    if prepared.kind not in {None, OperationType.QUERY} and not may_write:
        return failure(
            "Only queries may be sent by GET; send this by POST.", ErrorCode.METHOD_NOT_ALLOWED
        )
    if prepared.errors:
        return Outcome(errors=list(prepared.errors))
    return None


def _executed(
    prepared: Prepared, operation: Operation, context: RequestContext, event: object
) -> Outcome:
    execution = execution_of(prepared, operation, context)
    if isinstance(execution, list):  # of what is wrong with the variables
        return Outcome(errors=of_document(execution, operation.query))
    try:
        check_cost(prepared.cost(execution.variable_values.coerced))
    except GraphQLError as error:
        return Outcome(errors=of_document([error], operation.query))
    execution.root_value = event
    found = execution.collected_errors = FirstErrors()
    result = execution.execute_operation()
    if not isinstance(result, ExecutionResult):
        raise TypeError("a resolver is no plain function")
    errors = of_execution(result.errors or (), operation.query, found.left_out)
    return Outcome(data=result.data, errors=errors)


def execution_of(
    prepared: Prepared, operation: Operation, context: RequestContext
) -> Executor[Any] | list[GraphQLError]:
    """Return the execution of an operation, or what is wrong with its variables."""
    hide_suggestions = not settings.GRAPHQL_INTROSPECTION
    if not settings.GRAPHQL_COMPILED:
        return GraphQLCoreExecution.build(
            schema.graphql,
            prepared.document,
            context_value=context,
            raw_variable_values=operation.variables or {},
            operation_name=operation.operation_name,
            hide_suggestions=hide_suggestions,
        )
    return CompiledExecution.of_request(
        schema.graphql,
        prepared.document,
        plans=prepared.plans or Plans(),
        context=context,
        variables=operation.variables or {},
        operation_name=operation.operation_name,
        hide_suggestions=hide_suggestions,
    )
