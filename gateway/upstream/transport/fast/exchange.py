"""One HTTP exchange with a service.

This is the hot path: the parser is the one of Node in C, and a request is one write and one read.
That costs a tenth of what a general client in Python does.
"""

import time
from collections.abc import Mapping
from typing import NamedTuple

from httptools import HttpParserError, HttpResponseParser

from gateway.upstream.transport.fast.connections import Origin
from gateway.upstream.transport.fast.sockets import Connection, left

_MAX_HEAD = 65_536  # bytes of status and headers, and of what came with their end


class Request(NamedTuple):
    """What is sent. One that may be `repeated` is sent once more if its connection breaks."""

    method: str
    origin: Origin
    path: str
    headers: str  # as `header_lines` answers them
    body: bytes | None = None
    repeated: bool = False


def header_lines(headers: Mapping[str, str]) -> str:
    """Answer headers as they are sent. Raises ValueError for one that could begin another line."""
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"no header can carry what {name} is to have")
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()])


class ExchangeFailed(Exception):
    """There was no whole answer; the message says why, for the log."""


class ExchangeTimedOut(ExchangeFailed):
    """There was no whole answer in time."""


class _Broken(ExchangeFailed):
    """The connection broke before anything came back."""


def exchange(
    request: Request, *, connect_seconds: float, seconds: float, max_bytes: int
) -> tuple[int, bytes]:
    """Send a request, and answer status and body of what comes back, no redirect followed.

    Raises `ExchangeTimedOut` if it isn't all there within `seconds`, and `ExchangeFailed` if no
    connection can be had, if it breaks, or if the body has more than `max_bytes`.
    """
    deadline = time.monotonic() + seconds
    sent = _encoded(request)
    kept = request.origin.kept()
    try:
        try:
            connection = kept or request.origin.connect(min(connect_seconds, seconds))
            return _exchanged(request.origin, connection, sent, deadline, max_bytes)
        except _Broken:
            # A service may close a kept connection just as it is used again.
            if not request.repeated:
                raise
            connection = request.origin.connect(left(deadline, connect_seconds))
            return _exchanged(request.origin, connection, sent, deadline, max_bytes)
    except TimeoutError as error:
        raise ExchangeTimedOut(str(error)) from error
    except (OSError, HttpParserError) as error:
        raise ExchangeFailed(f"{type(error).__name__}: {error}") from error


def _exchanged(
    origin: Origin, connection: Connection, sent: bytes, deadline: float, max_bytes: int
) -> tuple[int, bytes]:
    answer = _Answer(max_bytes)
    try:
        _talk(connection, sent, answer, deadline)
    except BaseException:
        connection.close()
        raise
    if answer.is_last:
        connection.close()
    else:
        origin.give_back(connection)
    return answer.status, b"".join(answer.chunks)


def _talk(connection: Connection, sent: bytes, answer: "_Answer", deadline: float) -> None:
    try:
        connection.send(sent, deadline)
        received = connection.receive(deadline)
    except ConnectionError as error:
        raise _Broken(f"{type(error).__name__}: {error}") from error
    if not received:
        raise _Broken("closed without a word")
    answer.feed(received)
    while not answer.is_whole:
        received = connection.receive(deadline)
        if received:
            answer.feed(received)
        else:
            answer.end()


class _Answer:
    """What comes back, as the parser tells of it (its `on_…` methods)."""

    def __init__(self, max_bytes: int) -> None:
        self.chunks: list[bytes] = []
        self.is_whole = False
        self.is_last = True  # on its connection, which can't be used again
        self._left = max_bytes
        self._head_left = _MAX_HEAD
        self._has_length = False
        self._in_body = False
        self._has_another = False
        self._parser = HttpResponseParser(self)

    @property
    def status(self) -> int:
        """The status."""
        return self._parser.get_status_code()

    def feed(self, received: memoryview | bytes) -> None:
        """Take what has been received. Raises ExchangeFailed if it is too much."""
        if not self._in_body:
            self._head_left -= len(received)
        self._parser.feed_data(received)
        if self._left < 0:
            raise ExchangeFailed("the body is too large")
        if self._head_left < 0 and not self._in_body:
            raise ExchangeFailed("the headers are too large")
        if self._has_another:  # and on a kept connection it would be the next caller's
            raise ExchangeFailed("more than one answer came")

    def end(self) -> None:
        """Take the end of the connection. Raises ExchangeFailed if more had to come."""
        if self._has_length or not self._in_body:
            raise ExchangeFailed("cut off")
        self.is_whole = True

    def on_message_begin(self) -> None:
        """Note an answer that nobody has asked for."""
        self._has_another = self.is_whole

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note whether the answer says where it ends."""
        if name.lower() in {b"content-length", b"transfer-encoding"}:
            self._has_length = True

    def on_headers_complete(self) -> None:
        """Note that what comes now is the body."""
        self._in_body = self.status >= 200

    def on_body(self, chunk: bytes) -> None:
        """Collect the body, as far as it isn't too large."""
        self._left -= len(chunk)
        if self._left >= 0:
            self.chunks.append(chunk)

    def on_message_complete(self) -> None:
        """Note the end, and what is to become of the connection."""
        self.is_whole = self.status >= 200  # before it, there may be some of 1xx
        self.is_last = not self._parser.should_keep_alive()  # later, it has forgotten


def _encoded(request: Request) -> bytes:
    method, origin, path, headers, body, _ = request
    head = f"{method} {origin.prefix}{path} HTTP/1.1\r\nHost: {origin.authority}\r\n{headers}"
    if body:
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body
    if method != "GET":
        head += "Content-Length: 0\r\n"
    return f"{head}\r\n".encode("ascii")
