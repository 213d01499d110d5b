"""The only file that calls the services."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
import orjson
import structlog
from django.conf import settings

from gateway.answers import Problem, decode
from gateway.breakers import breaker
from gateway.connections import Origin, origin_of
from gateway.errors import REFUSALS, Refusal, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from gateway.exchange import ExchangeFailed, ExchangeTimedOut, Request, exchange
from gateway.texts import storable
from observability.trace import current_traceparent

QUOTES = "quotes"
LIKES = "likes"
T = TypeVar("T")

logger = structlog.get_logger(__name__)


@dataclass
class Services:
    """The services as one caller sees them during one request.

    `token` is passed on as it came: each service judges it for itself. A service that timed out
    once in a request isn't asked again in it, so that the answer comes within one time-out.
    `retry_after` is what a service has said of when to ask again, in seconds.
    """

    token: str | None = None
    address: str = ""  # where the caller is, told to Quotes with what is limited by it
    retry_after: int = field(default=0, init=False)
    _timed_out: set[str] = field(default_factory=set)
    _end: float = field(
        default_factory=lambda: time.monotonic() + settings.REQUEST_BUDGET.total_seconds()
    )

    def get(
        self,
        service: str,
        path: str,
        shape: type[T],
        params: Mapping[str, object] | None = None,
        *,
        patient: bool = False,
    ) -> T:
        """Read from a service what is of that shape. Raises `UpstreamError` or `Refusal`.

        `patient` waits as long as for a write: for what tells of one that was just made.
        """
        if params:
            given = {name: value for name, value in params.items() if value is not None}
            for name, value in given.items():
                storable(value, name)
            path = f"{path}?{urlencode(given, safe=',')}"
        return self._call(service, "GET", path, shape, patient=patient)

    def send(
        self,
        service: str,
        method: str,
        path: str,
        shape: type[T],
        payload: Mapping[str, object] | None = None,
        *,
        idempotency_key: str | None = None,
        anonymous: bool = False,
    ) -> T:
        """Write to a service, and answer what it says. Raises `UpstreamError` or `Refusal`."""
        headers: dict[str, str] = {}
        body = None
        if payload is not None:
            for name, value in payload.items():
                storable(value, name)
            body = orjson.dumps(payload)
            headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        return self._call(
            service, method, path, shape, body, headers, anonymous=anonymous, patient=True
        )

    def _call(
        self,
        service: str,
        method: str,
        path: str,
        shape: type[T],
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        anonymous: bool = False,
        patient: bool,
    ) -> T:
        if service in self._timed_out:
            raise UpstreamTimeout(service)
        sent = {"Accept": "application/json", **(headers or {})}
        if self.token is not None and not anonymous:
            sent["Authorization"] = f"Bearer {self.token}"
        if anonymous and self.address:
            sent["X-Forwarded-For"] = self.address
        traceparent = current_traceparent()
        if traceparent is not None:
            sent["traceparent"] = traceparent
        patience = settings.UPSTREAM_WRITE_TIMEOUT if patient else settings.UPSTREAM_READ_TIMEOUT
        seconds = min(patience.total_seconds(), self._end - time.monotonic())
        if seconds <= 0:
            raise UpstreamTimeout(service)

        request = Request(
            method,
            _origin(service),
            path,
            sent,
            body,
            repeated=method == "GET" or "Idempotency-Key" in sent,
        )
        try:
            status, content = breaker(service).call(lambda: _exchange(service, request, seconds))
            return _answer(service, status, content, shape)
        except Refusal as refusal:
            self.retry_after = max(self.retry_after, refusal.retry_after or 0)
            raise
        except UpstreamError as error:
            if isinstance(error, UpstreamTimeout):
                self._timed_out.add(service)
            reason = str(error.__cause__ or error)
            logger.warning(
                "upstream_failed", service=service, method=method, code=error.code, reason=reason
            )
            raise


def _origin(service: str) -> Origin:
    return origin_of(settings.QUOTES_URL if service == QUOTES else settings.LIKES_URL)


def _exchange(service: str, request: Request, seconds: float) -> tuple[int, bytes]:
    """Send one request and read its whole answer, within the time and size allowed."""
    try:
        return exchange(
            request,
            connect_seconds=settings.UPSTREAM_CONNECT_TIMEOUT.total_seconds(),
            seconds=seconds,
            max_bytes=settings.UPSTREAM_MAX_BYTES,
        )
    except ExchangeTimedOut as error:
        raise UpstreamTimeout(service) from error
    except ExchangeFailed as error:
        raise UpstreamUnavailable(service) from error


def _answer(service: str, status: int, content: bytes, shape: type[T]) -> T:
    try:
        if 200 <= status < 300:
            return decode(content, shape)
        if 400 <= status < 500:
            problem = decode(content, Problem)
            if REFUSALS.get(problem.code) != status:
                raise UpstreamUnavailable(service) from ValueError(f"{status} {problem.code!r}")
            raise Refusal(status, problem.code, problem.detail, problem.errors, problem.retry_after)
    except msgspec.DecodeError as error:
        raise UpstreamUnavailable(service) from error
    raise UpstreamUnavailable(service)


def is_alive(service: str) -> bool:
    """Tell whether a service answers at all; it isn't asked while its breaker leaves it alone."""
    try:
        seconds = settings.UPSTREAM_READ_TIMEOUT.total_seconds()
        request = Request("GET", _origin(service), "/healthz", {}, repeated=True)
        status, _ = breaker(service).call(lambda: _exchange(service, request, seconds))
    except UpstreamError:
        return False
    return status == 200
