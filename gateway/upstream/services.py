"""The only file that calls the services."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar
from urllib.parse import quote_plus

import msgspec
import orjson
import structlog
from django.conf import settings

from gateway.error_codes import REFUSALS, ErrorCode, of_service
from gateway.errors import (
    FieldProblem,
    Refusal,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from gateway.upstream.breakers import breaker
from gateway.upstream.decoding import decode
from gateway.upstream.shapes import Problem
from gateway.upstream.storable_text import storable
from gateway.upstream.transport.door import exchange
from gateway.upstream.transport.interface import (
    ExchangeFailed,
    ExchangeTimedOut,
    Request,
)
from observability.client_metrics import measure
from observability.metrics import BREAKER_OPEN, Reading, read_when_asked
from observability.trace import current_traceparent, part_of_trace

QUOTES = "quotes"
LIKES = "likes"
T = TypeVar("T")

logger = structlog.get_logger(__name__)


@dataclass
class Patience:
    """For how long one HTTP request asks the services; the operations of a batch share it.

    A service that timed out once isn't asked again, so that the response comes within one time-out.
    """

    end: float = field(
        default_factory=lambda: time.monotonic() + settings.REQUEST_BUDGET.total_seconds()
    )
    timed_out: set[str] = field(default_factory=set)


@dataclass
class Services:
    """The services as one caller sees them during one operation.

    `token` is passed on as it came: each service judges it for itself. `retry_after` is what a
    service has said of when to ask again, in seconds.
    """

    token: str | None = None
    address: str = ""  # where the caller is: Quotes limits some things by it
    patience: Patience = field(default_factory=Patience)
    retry_after: int = field(default=0, init=False)

    def get(
        self,
        service: str,
        path: str,
        shape: type[T],
        params: Mapping[str, object] | None = None,
        *,
        patient: bool = False,
    ) -> T:
        """Read from a service what is of that shape. Raise `UpstreamError` or `Refusal`.

        `patient` waits as long as for a write: for a read of what was just written.
        """
        if params:
            path = f"{path}?{_query_string(params)}"
        request = Request("GET", _address(service), path, self._headers, repeated=True)
        return self._call(service, request, shape, patient=patient)

    def send(
        self,
        service: str,
        method: str,
        path: str,
        shape: type[T],
        payload: Mapping[str, object] | None = None,
        *,
        idempotency_key: str | None = None,
        expected_version: int | None = None,
        anonymous: bool = False,
        repeated: bool = False,
    ) -> T:
        """Write to a service, and return what it says. Raise `UpstreamError` or `Refusal`.

        `repeated` sends it again where a kept connection turns out to be closed.
        """
        headers = {"X-Forwarded-For": self.address} if self.address else {}
        body = None
        if payload is not None:
            body = orjson.dumps({name: storable(value, name) for name, value in payload.items()})
            headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        if expected_version is not None:
            headers["If-Match"] = f'"{expected_version}"'
        repeated = repeated or idempotency_key is not None
        common = _common_headers() if anonymous else self._headers
        request = Request(method, _address(service), path, {**common, **headers}, body, repeated)
        return self._call(service, request, shape, patient=True)

    @cached_property
    def _headers(self) -> Mapping[str, str]:
        token = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        return _common_headers() | token

    def _call(self, service: str, request: Request, shape: type[T], *, patient: bool) -> T:
        if service in self.patience.timed_out:
            raise UpstreamTimeout(service)
        timeout = settings.UPSTREAM_WRITE_TIMEOUT if patient else settings.UPSTREAM_READ_TIMEOUT
        seconds = min(timeout.total_seconds(), self.patience.end - time.monotonic())
        if seconds <= 0:
            raise UpstreamTimeout(service)
        try:
            status, content = breaker(service).call(lambda: _traced(service, request, seconds))
            return _answer(service, status, content, shape)
        except Refusal as refusal:
            self.retry_after = max(self.retry_after, refusal.retry_after or 0)
            raise
        except UpstreamError as error:
            if isinstance(error, UpstreamTimeout):
                self.patience.timed_out.add(service)
            reason = str(error.__cause__ or error)
            logger.warning(
                "upstream_failed",
                service=service,
                method=request.method,
                code=error.code,
                reason=reason,
            )
            raise


def _common_headers() -> dict[str, str]:
    traceparent = current_traceparent()
    trace = {} if traceparent is None else {"traceparent": traceparent}
    return {"Accept": "application/json"} | trace


def _query_string(params: Mapping[str, object]) -> str:
    """Return the parameters that have a value. Raise BadUserInput for text that none can be."""
    parts = []
    for name, value in params.items():
        if value is None:
            continue
        text = storable(str(value), name)
        parts.append(f"{name}={quote_plus(text, safe=',')}")
    return "&".join(parts)


def _address(service: str) -> str:
    return str(settings.QUOTES_URL if service == QUOTES else settings.LIKES_URL)


def _traced(service: str, request: Request, seconds: float) -> tuple[int, bytes]:
    """Send one request as a part of the trace that it names."""
    about = {
        "http.request.method": request.method,
        "url.path": request.path.partition("?")[0],
        "peer.service": service,
    }
    with part_of_trace(f"{request.method} {service}", "CLIENT", about) as traceparent:
        if traceparent is not None:
            request = request.with_headers({"traceparent": traceparent})
        return _exchange(service, request, seconds)


def _exchange(service: str, request: Request, seconds: float) -> tuple[int, bytes]:
    """Send one request and read its whole response, within the time and size allowed."""
    started = time.monotonic()
    try:
        response = exchange(
            request,
            connect_seconds=settings.UPSTREAM_CONNECT_TIMEOUT.total_seconds(),
            seconds=seconds,
            max_bytes=settings.UPSTREAM_MAX_BYTES,
        )
    except ExchangeTimedOut as error:
        measure(service, request.method, "", "timeout", started)
        raise UpstreamTimeout(service) from error
    except ExchangeFailed as error:
        measure(service, request.method, "", "unavailable", started)
        raise UpstreamUnavailable(service) from error
    measure(service, request.method, response[0], "", started)
    return response


def _answer(service: str, status: int, content: bytes, shape: type[T]) -> T:
    try:
        if 200 <= status < 300:
            return decode(content, shape)
        if 400 <= status < 500:
            raise _refusal(service, status, content)
    except msgspec.DecodeError as error:
        raise UpstreamUnavailable(service) from error
    raise UpstreamUnavailable(service)


def _refusal(service: str, status: int, content: bytes) -> Refusal:
    """Return what a service refuses. Raise UpstreamUnavailable for what is none of its refusals."""
    problem = decode(content, Problem)
    code = of_service(problem.code)
    if code is None or REFUSALS.get(code) != status:
        raise UpstreamUnavailable(service) from ValueError(f"{status} {problem.code!r}")
    problems = [
        FieldProblem(each.field, of_service(each.code) or ErrorCode.INVALID, each.message)
        for each in problem.errors
    ]
    return Refusal(
        code,
        problem.detail,
        problems,
        retry_after=problem.retry_after,
        current=problem.current,
    )


@read_when_asked
def _read_breakers() -> Iterator[Reading]:
    for service in (QUOTES, LIKES):
        yield BREAKER_OPEN, (service,), breaker(service).leaves_alone


def is_alive(service: str) -> bool:
    """Return whether a service responds; it isn't asked while its breaker leaves it alone."""
    try:
        seconds = settings.UPSTREAM_READ_TIMEOUT.total_seconds()
        request = Request("GET", _address(service), "/healthz", repeated=True)
        status, _ = breaker(service).call(lambda: _exchange(service, request, seconds))
    except UpstreamError:
        return False
    return status == 200
