"""How many GraphQL operations are executed, how they end, and how long they take.

They go by their names, but by those of persisted operations alone: a client may send as many others
as it likes.
"""

from collections.abc import Callable
from functools import cache
from time import perf_counter

from gateway.context import RequestContext
from gateway.execution.execute import execute
from gateway.execution.operation import Operation, Outcome
from gateway.web.persisted_operations import operation_names
from observability.metrics import GRAPHQL_DURATION, GRAPHQL_ERRORS

OTHER = "other"


def execute_measured(operation: Operation, context: RequestContext, *, may_write: bool) -> Outcome:
    """Execute a request, and count it."""
    started = perf_counter()
    outcome = execute(operation, context, may_write=may_write)
    seconds = perf_counter() - started
    kind, name = context.operation_kind, context.operation_name
    if name not in operation_names():
        name = OTHER
    _observe(kind, name)(seconds)
    if outcome.errors:
        for code in {error["extensions"]["code"] for error in outcome.errors}:
            GRAPHQL_ERRORS.labels(kind, name, code).inc()
    return outcome


@cache
def _observe(kind: str, name: str) -> Callable[[float], None]:
    return GRAPHQL_DURATION.labels(kind, name).observe
