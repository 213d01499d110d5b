"""W3C Trace Context: one trace id from the GraphQL request to the consumer's log line.

The rules for `traceparent` come from https://www.w3.org/TR/trace-context/#traceparent-header.
The current context is kept in a `ContextVar`, so that it is right in any thread or task. Where
spans are recorded (`observability.recording`), each piece of work is one.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase
from structlog.typing import EventDict

from observability import recording
from observability.recording import Kind, Span, Value

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# Version 255 and ids of zeros alone are invalid.
_TRACEPARENT = re.compile(
    "(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def continue_trace(traceparent: str | None, *, sampled: bool | None = None) -> str:
    """Return a `traceparent` for work done on behalf of the given one: same trace id, new span.

    A missing or malformed one starts a new trace, as the specification asks. Whether that one is
    recorded is as `sampled` says, or else as the recorder decides.
    """
    match = _TRACEPARENT.fullmatch(traceparent or "")
    if match is None:
        if sampled is None:
            sampled = recording.recorder is None or recording.recorder.takes_next()
        return f"00-{_hexadecimal(128)}-{_hexadecimal(64)}-0{sampled:d}"
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
def trace(
    traceparent: str | None, work: "Work | None" = None, *, sampled: bool | None = None
) -> Iterator[str]:
    """Do the enclosed work as part of a trace; its id is on every log line meanwhile.

    It is recorded as the span that `work` says. `sampled` is as for `continue_trace`.
    """
    continued = continue_trace(traceparent, sampled=sampled)
    recorded = work is not None and is_recorded(continued)
    token = _current.set(continued)
    started = time.time_ns() if recorded else 0
    failed = True
    try:
        yield continued
        failed = False
    finally:
        _current.reset(token)
        if recorded and work is not None:
            parent = traceparent if is_traceparent(traceparent) else None
            work.record(continued, parent, started, failed=failed)


class Work:
    """What a span says of a piece of work; attributes may be added until it has ended."""

    def __init__(self, name: str, kind: Kind = "INTERNAL", links: Sequence[str] = ()) -> None:
        self.name = name
        self.kind = kind
        self.links = links
        self.attributes: dict[str, Value] = {}
        self.failed = False

    def record(
        self, traceparent: str, parent: str | None, started: int, *, failed: bool = False
    ) -> None:
        """Record the work, which ends now, if anything is recorded in this process."""
        if recording.recorder is not None:
            ended, failed = time.time_ns(), failed or self.failed
            recording.recorder.add(
                Span(
                    self.name,
                    self.kind,
                    traceparent,
                    parent,
                    started,
                    ended,
                    self.attributes,
                    self.links,
                    failed,
                )
            )


def is_recorded(traceparent: str | None) -> bool:
    """Return whether the spans of a trace are recorded here."""
    return recording.recorder is not None and (traceparent or "0")[-1] in _SAMPLED


def part_of_trace(
    name: str, kind: Kind = "INTERNAL", attributes: Mapping[str, Value] | None = None
) -> AbstractContextManager[str | None]:
    """Do the enclosed work as a part of the work under way, and record it as a span of its own."""
    if recording.recorder is None or not is_recorded(traceparent := _current.get()):
        return _UNRECORDED
    work = Work(name, kind)
    work.attributes.update(attributes or {})
    return trace(traceparent, work)


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
        work = None if recording.recorder is None else Work(str(request.method), "SERVER")
        with trace(request.META.get("HTTP_TRACEPARENT"), work) as traceparent:
            response = self.get_response(request)
            response["traceparent"] = traceparent
            if work is not None:
                _describe(work, request, response)
            return response


def _describe(work: Work, request: HttpRequest, response: HttpResponseBase) -> None:
    match = request.resolver_match
    if match is not None and request.method in METHODS:
        work.name = f"{request.method} /{match.route}"
        work.attributes["http.request.method"] = request.method
        work.attributes["http.route"] = f"/{match.route}"
    work.attributes["http.response.status_code"] = response.status_code
    work.failed = response.status_code >= 500


_SAMPLED = frozenset("13579bdf")  # the last digit of a `traceparent` whose trace is recorded
_UNRECORDED = nullcontext()
