"""From a parsed request to its outcome: execute it, and give every error its code."""

import re
import secrets
from collections.abc import Sequence
from typing import Any

import structlog
from django.conf import settings
from graphql import ExecutionResult, GraphQLError, GraphQLSyntaxError, OperationType
from graphql.execution.executor import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as GraphQLCoreExecution

from gateway.context import RequestContext
from gateway.errors import ErrorCode, GatewayError
from gateway.execution.compiled.execution import CompiledExecution
from gateway.execution.compiled.plans import Plans
from gateway.execution.costs import check_cost
from gateway.execution.documents import Prepared, prepare
from gateway.execution.operation import Operation, Outcome, failure
from gateway.schema.root import schema

# What graphql-core says of a document that is too large to be parsed.
_TOO_LARGE = re.compile(r"Document contains more than|nested too deeply")
# and one about a value; what a document does with its variables is the validation's to say
_WRONG_VARIABLE = re.compile(r"Variable ('\$\w+' has invalid value|values are nested)")

logger = structlog.get_logger(__name__)


def execute(operation: Operation, context: RequestContext, *, may_write: bool) -> Outcome:
    """Execute a request; never raises."""
    prepared = prepare(operation.query, operation.operation_name)
    context.operation_name = prepared.name
    refusal = _refused(prepared, may_write)
    if refusal is not None:
        return refusal
    try:
        data, errors = _executed(prepared, operation, context)
    except Exception as error:  # noqa: BLE001 - it is logged, and the client reads INTERNAL
        data, errors = None, [GraphQLError("", original_error=error)]
    return Outcome(data=data, errors=[_coded(error, data is not None) for error in errors])


def _refused(prepared: Prepared, may_write: bool) -> Outcome | None:
    """Return why nothing is executed, if it isn't."""
    if prepared.kind is None and not prepared.errors:
        return failure(
            "The document has no operation of that name, or several and none is named.",
            ErrorCode.BAD_REQUEST,
        )
    if prepared.kind is OperationType.SUBSCRIPTION and may_write:
        return failure("Subscriptions are not served at this address.", ErrorCode.BAD_REQUEST)
    if prepared.kind not in {None, OperationType.QUERY} and not may_write:
        return failure(
            "Only queries may be sent by GET; send this by POST.", ErrorCode.METHOD_NOT_ALLOWED
        )
    if prepared.errors:
        return Outcome(errors=[_coded(error, executed=False) for error in prepared.errors])
    return None


def _executed(
    prepared: Prepared, operation: Operation, context: RequestContext
) -> tuple[dict[str, Any] | None, Sequence[GraphQLError]]:
    """Return the data and the errors."""
    execution = _execution(prepared, operation, context)
    if isinstance(execution, list):  # of what is wrong with the variables
        return None, execution
    try:
        check_cost(prepared.cost(execution.variable_values.coerced))
    except GraphQLError as error:
        return None, [error]
    result = execution.execute_operation()
    if not isinstance(result, ExecutionResult):
        raise TypeError("a resolver is no plain function")
    return result.data, result.errors or ()


def _execution(
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


def _coded(error: GraphQLError, executed: bool) -> dict[str, Any]:
    """Return an error as the client sees it: with a code, and nothing of our insides."""
    return dict(_told(error, executed).formatted)


def _told(error: GraphQLError, executed: bool) -> GraphQLError:
    cause = _cause(error)
    if isinstance(cause, GatewayError):
        return _rewritten(error, str(cause), cause.extensions)
    if isinstance(cause, RecursionError):
        return _rewritten(
            error, "The request is nested too deeply.", {"code": ErrorCode.LIMIT_EXCEEDED}
        )
    if cause is not None:
        return _masked(error, cause)
    if (error.extensions or {}).get("code"):
        return error
    return _rewritten(error, error.message, {"code": _code_of_library_error(error, executed)})


def _cause(error: GraphQLError) -> Exception | None:
    """Return what was raised in our code; the library wraps its own errors as it does ours."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _code_of_library_error(error: GraphQLError, executed: bool) -> ErrorCode:
    if isinstance(error, GraphQLSyntaxError):
        return (
            ErrorCode.LIMIT_EXCEEDED
            if _TOO_LARGE.search(error.message)
            else ErrorCode.GRAPHQL_PARSE_FAILED
        )
    if executed or error.path is not None or _WRONG_VARIABLE.match(error.message):
        return ErrorCode.BAD_USER_INPUT
    return ErrorCode.GRAPHQL_VALIDATION_FAILED


def _rewritten(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _masked(error: GraphQLError, cause: Exception) -> GraphQLError:
    error_id = secrets.token_hex(8)
    logger.error("graphql_fault", error_id=error_id, path=error.path, exc_info=cause)
    return _rewritten(
        error,
        "Something went wrong here. It has been noted under this id.",
        {"code": ErrorCode.INTERNAL, "id": error_id},
    )
