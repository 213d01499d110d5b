"""An exchange by `requests`, with one pooled session a thread: what the fast one must equal.

It looks at the deadline between the pieces of a body. A service that stops amid its response is
waited for up to twice as long as `seconds` says.
"""

import http.client
import io
import threading
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from gateway.upstream.transport.interface import (
    MAX_HEAD,
    ConnectionBroke,
    ExchangeFailed,
    ExchangeTimedOut,
    Request,
    check_headers,
)
from web.trust import service_session

_CHUNK = 65_536  # bytes


class _Sessions(threading.local):
    def __init__(self) -> None:
        self.left = 0  # bytes that may yet come of the response that is being read
        self.session = service_session()
        self.session.headers.clear()
        for each in self.session.adapters.values():
            if isinstance(each, HTTPAdapter):
                each.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}


class _Metered(io.RawIOBase):
    """What comes of a connection, all of it counted: the library discards some without a bound."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        count = self._raw.readinto(buffer)
        _sessions.left -= count or 0
        if _sessions.left < 0:
            raise ExchangeFailed("the body is too large")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self.fp = io.BufferedReader(_Metered(self.fp.detach()))


class _Connection(HTTPConnection):
    response_class = _Response


class _TLSConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


_sessions = _Sessions()


def exchange(
    request: Request, *, connect_seconds: float, seconds: float, max_bytes: int
) -> tuple[int, bytes]:
    """Send a request; see `interface.Exchange`."""
    check_headers(request.headers)
    deadline = time.monotonic() + seconds
    connect_seconds = min(connect_seconds, seconds)
    try:
        try:
            return _exchanged(request, connect_seconds, deadline, max_bytes)
        except requests.ConnectionError as error:
            # A service may close a kept connection just as it is used again.
            if not request.repeated or _has_timed_out(error):
                raise
            return _exchanged(request, connect_seconds, deadline, max_bytes)
    except (requests.RequestException, HTTPError) as error:
        kind = ConnectionBroke if isinstance(error, requests.ConnectionError) else ExchangeFailed
        kind = ExchangeTimedOut if _has_timed_out(error) else kind
        raise kind(f"{type(error).__name__}: {error}") from error


def _exchanged(
    request: Request, connect_seconds: float, deadline: float, max_bytes: int
) -> tuple[int, bytes]:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise ExchangeTimedOut("timed out")
    _sessions.left = MAX_HEAD + max_bytes
    with _sessions.session.request(
        request.method,
        request.address + request.path,
        headers={"Accept-Encoding": "identity", **request.headers},
        data=request.body,
        timeout=(connect_seconds, seconds),
        allow_redirects=False,
        stream=True,
    ) as response:
        _sessions.session.cookies.clear()
        body = b""
        while piece := response.raw.read1(_CHUNK):
            body += piece
            if len(body) > max_bytes:
                raise ExchangeFailed("the body is too large")
            if time.monotonic() > deadline:
                raise ExchangeTimedOut("timed out")
        return response.status_code, body


def _has_timed_out(error: BaseException | None) -> bool:
    """Return whether an error came from a time-out. A write's looks like a broken connection."""
    while error is not None:
        if isinstance(error, requests.Timeout | TimeoutError):
            return True
        error = error.__context__
    return False
