"""One HTTP exchange with a service, by libcurl.

This is the hot path, and libcurl costs a fifth of what the clients in Python do. Each thread keeps
a handle, and the handle keeps its connections: none is opened before the first call.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import certifi
import pycurl

_BROKEN = frozenset({pycurl.E_GOT_NOTHING, pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR})
_handles = threading.local()


@dataclass(frozen=True)
class Request:
    """What is sent. One that may be `repeated` is sent once more if its connection breaks."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    repeated: bool = False


class ExchangeFailed(Exception):
    """There was no whole answer; the message says why, for the log."""


class ExchangeTimedOut(ExchangeFailed):
    """There was no whole answer in time."""


def exchange(
    request: Request, *, connect_seconds: float, seconds: float, max_bytes: int
) -> tuple[int, bytes]:
    """Send a request, and answer status and body of what comes back, no redirect followed.

    Raises `ExchangeTimedOut` if it isn't all there within `seconds`, and `ExchangeFailed` if no
    connection can be had, if it breaks, or if the body has more than `max_bytes`.
    """
    curl = _handle()
    content = _Content(max_bytes)
    _prepare(curl, request, content)
    curl.setopt(pycurl.CONNECTTIMEOUT_MS, max(1, int(min(connect_seconds, seconds) * 1000)))
    curl.setopt(pycurl.TIMEOUT_MS, max(1, int(seconds * 1000)))
    try:
        _perform(curl, request, content)
    except pycurl.error as error:
        late = _code(error) == pycurl.E_OPERATION_TIMEDOUT
        raise (ExchangeTimedOut if late else ExchangeFailed)(str(error)) from None
    return curl.getinfo(pycurl.RESPONSE_CODE), b"".join(content.chunks)


class _Content:
    """Collects a body; one that is too large breaks the transfer off."""

    def __init__(self, max_bytes: int) -> None:
        self.chunks: list[bytes] = []
        self._left = max_bytes

    def write(self, chunk: bytes) -> int:
        self._left -= len(chunk)
        if self._left < 0:
            return -1  # to libcurl, a failed write
        self.chunks.append(chunk)
        return len(chunk)


def _perform(curl: pycurl.Curl, request: Request, content: _Content) -> None:
    try:
        curl.perform()
    except pycurl.error as error:
        # A service may close a kept connection just as it is used again.
        if not request.repeated or _code(error) not in _BROKEN or content.chunks:
            raise
        curl.setopt(pycurl.FRESH_CONNECT, 1)
        curl.perform()


def _code(error: pycurl.error) -> object:
    """Answer which fault it is: libcurl's number for it."""
    return error.args[0]


def _handle() -> pycurl.Curl:
    curl: pycurl.Curl | None = getattr(_handles, "curl", None)
    if curl is None:
        curl = _handles.curl = pycurl.Curl()
    return curl


def _line(name: str, value: str) -> str:
    if not (value.isascii() and value.isprintable()):  # it could begin a line of its own
        raise ValueError(f"no header can carry what {name} is to have")
    return f"{name}: {value}"


def _prepare(curl: pycurl.Curl, request: Request, content: _Content) -> None:
    curl.reset()  # keeps the connections
    curl.setopt(pycurl.URL, request.url)
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    curl.setopt(pycurl.HTTPHEADER, [_line(*header) for header in request.headers.items()])
    curl.setopt(pycurl.CUSTOMREQUEST, request.method)
    if request.body is not None:
        curl.setopt(pycurl.POSTFIELDS, request.body)
    if not request.repeated:
        # libcurl itself sends again what finds its kept connection closed.
        curl.setopt(pycurl.FRESH_CONNECT, 1)
        curl.setopt(pycurl.FORBID_REUSE, 1)
    curl.setopt(pycurl.WRITEFUNCTION, content.write)
    curl.setopt(pycurl.NOSIGNAL, 1)  # signals are not for threads
    curl.setopt(pycurl.PROXY, "")  # whatever the environment says: the services are near
    if request.url.startswith("https:"):
        curl.setopt(pycurl.CAINFO, certifi.where())
