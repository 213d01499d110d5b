"""An exchange by `requests`, with one pooled session a thread: what the fast one must equal.

It looks at the deadline between the pieces of a body. A service that stops amid its response is
waited for up to twice as long as `seconds` says.
"""

import threading
import time

import requests
from urllib3.exceptions import HTTPError

from gateway.upstream.transport.interface import (
    ExchangeFailed,
    ExchangeTimedOut,
    Request,
    check_headers,
)
from web.trust import service_session

_CHUNK = 65_536  # bytes


class _Sessions(threading.local):
    def __init__(self) -> None:
        self.session = service_session()
        self.session.headers.clear()


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
        kind = ExchangeTimedOut if _has_timed_out(error) else ExchangeFailed
        raise kind(f"{type(error).__name__}: {error}") from error


def _exchanged(
    request: Request, connect_seconds: float, deadline: float, max_bytes: int
) -> tuple[int, bytes]:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise ExchangeTimedOut("timed out")
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
