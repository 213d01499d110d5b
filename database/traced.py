"""Each statement as a span of the work under way, where spans are recorded."""

from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from observability import recording
from observability.trace import part_of_trace


def trace_statements(connection: BaseDatabaseWrapper) -> None:
    """Have a connection's statements recorded, if this process records anything."""
    if recording.recorder is not None:
        connection.execute_wrappers.append(_traced)


def _traced(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    # No more of the statement than its first word: the rest may hold what a user has written.
    operation = sql.lstrip(" (").partition(" ")[0][:20].upper()
    about = {
        "db.system.name": context["connection"].vendor,
        "db.operation.name": operation,
    }
    with part_of_trace(operation, "CLIENT", about):
        return execute(sql, params, many, context)
