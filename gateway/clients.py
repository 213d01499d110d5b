"""The only file that calls the services.

It goes through urllib3's pools directly: that costs a quarter of what a `requests` session does,
and this is the hot path. A pool opens no connection before the first call, and keeps up to as many
as the process has threads.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import structlog
import urllib3
from django.conf import settings
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError
from urllib3.exceptions import TimeoutError as WireTimeoutError

from gateway.breakers import breaker
from gateway.errors import (
    FieldProblem,
    Refusal,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from gateway.texts import storable
from observability.trace import current_traceparent

QUOTES = "quotes"
LIKES = "likes"
MAX_IDLE_CONNECTIONS = 64  # per service and process; more threads than that open and close theirs
_CHUNK = 65_536

logger = structlog.get_logger(__name__)


@cache
def _pool(url: str) -> urllib3.HTTPConnectionPool:
    parts = urlsplit(url)
    pool = urllib3.HTTPSConnectionPool if parts.scheme == "https" else urllib3.HTTPConnectionPool
    return pool(parts.hostname or "", parts.port, maxsize=MAX_IDLE_CONNECTIONS)


@dataclass
class Services:
    """The services as one caller sees them during one request.

    `token` is passed on as it came: each service judges it for itself. A service that timed out
    once in a request isn't asked again in it, so that the answer comes within one time-out.
    """

    token: str | None = None
    address: str = ""  # where the caller is, told to Quotes with what is limited by it
    _timed_out: set[str] = field(default_factory=set)
    _end: float = field(
        default_factory=lambda: time.monotonic() + settings.REQUEST_BUDGET.total_seconds()
    )

    def get(
        self,
        service: str,
        path: str,
        params: Mapping[str, object] | None = None,
        *,
        patient: bool = False,
    ) -> Any:
        """Read from a service, and answer its JSON. Raises `UpstreamError` or `Refusal`.

        `patient` waits as long as for a write: for what tells of one that was just made.
        """
        if params:
            given = {name: value for name, value in params.items() if value is not None}
            for name, value in given.items():
                storable(value, name)
            path = f"{path}?{urlencode(given, safe=',')}"
        return self._call(service, "GET", path, patient=patient)

    def send(
        self,
        service: str,
        method: str,
        path: str,
        payload: Mapping[str, object] | None = None,
        *,
        idempotency_key: str | None = None,
        anonymous: bool = False,
    ) -> Any:
        """Write to a service, and answer its JSON. Raises `UpstreamError` or `Refusal`."""
        headers: dict[str, str] = {}
        body = None
        if payload is not None:
            for name, value in payload.items():
                storable(value, name)
            body = orjson.dumps(payload)
            headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        return self._call(service, method, path, body, headers, anonymous=anonymous, patient=True)

    def _call(
        self,
        service: str,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        anonymous: bool = False,
        patient: bool,
    ) -> Any:
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

        def exchange() -> tuple[int, bytes]:
            return _exchange(service, method, path, body, sent, seconds)

        try:
            status, content = breaker(service).call(exchange)
            return _answer(service, status, content)
        except UpstreamError as error:
            if isinstance(error, UpstreamTimeout):
                self._timed_out.add(service)
            reason = type(error.__cause__).__name__ if error.__cause__ else str(error)
            logger.warning(
                "upstream_failed", service=service, method=method, code=error.code, reason=reason
            )
            raise


def _exchange(
    service: str,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    seconds: float,
) -> tuple[int, bytes]:
    """Send one request and read its whole answer, within the time and size allowed."""
    url = settings.QUOTES_URL if service == QUOTES else settings.LIKES_URL
    connect = settings.UPSTREAM_CONNECT_TIMEOUT.total_seconds()
    timeout = urllib3.Timeout(connect=min(connect, seconds), read=seconds)
    deadline = time.monotonic() + seconds
    try:
        target = urlsplit(url).path + path
        response = _request(_pool(url), method, target, body, headers, timeout)
        return response.status, _content(service, response, deadline)
    except NewConnectionError as error:  # refused, no such host; a kind of time-out to urllib3
        raise UpstreamUnavailable(service) from error
    except WireTimeoutError as error:
        raise UpstreamTimeout(service) from error
    except HTTPError as error:
        raise UpstreamUnavailable(service) from error


def _request(
    pool: urllib3.HTTPConnectionPool,
    method: str,
    target: str,
    body: bytes | None,
    headers: Mapping[str, str],
    timeout: urllib3.Timeout,
) -> urllib3.BaseHTTPResponse:
    def once() -> urllib3.BaseHTTPResponse:
        return pool.urlopen(
            method,
            target,
            body=body,
            headers=headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
        )

    try:
        return once()
    except ProtocolError:
        # A service may close a kept-alive connection just as it is used again. A read is safe to
        # repeat, and so is a write with a key; any other may have been done, so its caller is told.
        if method != "GET" and "Idempotency-Key" not in headers:
            raise
        return once()


def _content(service: str, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """Read the body, and give the connection back only if that went well."""
    chunks: list[bytes] = []
    size = 0
    try:
        while chunk := response.read1(_CHUNK):
            size += len(chunk)
            if size > settings.UPSTREAM_MAX_BYTES:
                raise UpstreamUnavailable(service)
            if time.monotonic() > deadline:  # a byte now and then must not hold a thread for ever
                raise UpstreamTimeout(service)
            chunks.append(chunk)
    except BaseException:
        response.close()
        raise
    response.release_conn()
    return b"".join(chunks)


def _answer(service: str, status: int, content: bytes) -> Any:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise UpstreamUnavailable(service) from error
    if 200 <= status < 300:
        return document
    if 400 <= status < 500 and isinstance(document, dict):
        refusal = _refusal(status, document)
        if refusal is not None:
            raise refusal
    raise UpstreamUnavailable(service)


def _refusal(status: int, document: dict[str, Any]) -> Refusal | None:
    """Answer the problem document as a refusal, or `None` if it is no such document."""
    code, detail = document.get("code"), document.get("detail")
    errors = document.get("errors") or []
    if not isinstance(code, str) or not isinstance(detail, str) or not isinstance(errors, list):
        return None
    problems = [
        FieldProblem(error.get("field"), str(error.get("code")), str(error.get("message")))
        for error in errors
        if isinstance(error, dict) and isinstance(error.get("field"), str | None)
    ]
    return Refusal(status, code, detail, problems)


def is_alive(service: str) -> bool:
    """Tell whether a service answers at all."""
    try:
        seconds = settings.UPSTREAM_READ_TIMEOUT.total_seconds()
        status, _ = _exchange(service, "GET", "/healthz", None, {}, seconds)
    except UpstreamError:
        return False
    return status == 200
