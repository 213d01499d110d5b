"""W3C Trace Context: one trace id from the GraphQL request to the consumer's log line.

The rules for `traceparent` come from https://www.w3.org/TR/trace-context/#traceparent-header.
The current context is kept in a `ContextVar`, so that it is right in any thread or task.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase
from structlog.typing import EventDict

# Version 255 and ids of zeros alone are invalid.
_TRACEPARENT = re.compile(
    "(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def continue_trace(traceparent: str | None) -> str:
    """Return a `traceparent` for work done on behalf of the given one: same trace id, new span.

    A missing or malformed one starts a new trace, as the specification asks.
    """
    match = _TRACEPARENT.fullmatch(traceparent or "")
    if match is None:
        return f"00-{_hexadecimal(128)}-{_hexadecimal(64)}-01"
    return f"00-{match[1]}-{_hexadecimal(64)}-{match[2]}"


def is_traceparent(text: object) -> bool:
    """Return whether this is a `traceparent` that can be continued."""
    return isinstance(text, str) and _TRACEPARENT.fullmatch(text) is not None


def _hexadecimal(bits: int) -> str:
    return f"{secrets.randbits(bits) or 1:0{bits // 4}x}"


def trace_id(traceparent: str) -> str:
    """Return the 32 hexadecimal digits that all spans of one trace share."""
    return traceparent[3:35]


def current_traceparent() -> str | None:
    """Return the `traceparent` of the work under way, to be passed on; `None` outside any."""
    return _current.get()


@contextmanager
def trace(traceparent: str | None) -> Iterator[str]:
    """Do the enclosed work as part of a trace; its id is on every log line meanwhile."""
    continued = continue_trace(traceparent)
    token = _current.set(continued)
    try:
        yield continued
    finally:
        _current.reset(token)


def add_trace_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Add the trace of the work under way to a log line; a processor of structlog's."""
    traceparent = _current.get()
    if traceparent is not None:
        event.setdefault("trace_id", trace_id(traceparent))
    return event


class TraceMiddleware:
    """Continues the caller's trace, or starts one, for each request; the response names it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with trace(request.META.get("HTTP_TRACEPARENT")) as traceparent:
            response = self.get_response(request)
            response["traceparent"] = traceparent
            return response
