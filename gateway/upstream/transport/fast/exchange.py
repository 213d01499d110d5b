"""An exchange whose parser is the one of Node in C, with one write and one read a request.

That costs a tenth of what a general client in Python does.
"""

import time

from httptools import HttpParserError, HttpResponseParser

from gateway.upstream.transport.fast.connections import Origin, origin_of
from gateway.upstream.transport.fast.sockets import Connection, left
from gateway.upstream.transport.interface import (
    MAX_HEAD,
    ConnectionBroke,
    ExchangeFailed,
    ExchangeTimedOut,
    Request,
    check_headers,
)


def exchange(
    request: Request, *, connect_seconds: float, seconds: float, max_bytes: int
) -> tuple[int, bytes]:
    """Send a request; see `interface.Exchange`."""
    deadline = time.monotonic() + seconds
    origin = origin_of(request.address)
    sent = _encoded(origin, request)
    kept = origin.kept()
    try:
        try:
            connection = kept or origin.connect(min(connect_seconds, seconds))
            return _exchanged(origin, connection, sent, deadline, max_bytes)
        except ConnectionBroke:
            # A service may close a kept connection just as it is used again.
            if not request.repeated:
                raise
            connection = origin.connect(left(deadline, connect_seconds))
            return _exchanged(origin, connection, sent, deadline, max_bytes)
    except TimeoutError as error:
        raise ExchangeTimedOut(str(error)) from error
    except (OSError, HttpParserError) as error:
        raise ExchangeFailed(f"{type(error).__name__}: {error}") from error


def _exchanged(
    origin: Origin, connection: Connection, sent: bytes, deadline: float, max_bytes: int
) -> tuple[int, bytes]:
    response = _Response(max_bytes)
    try:
        _talk(connection, sent, response, deadline)
    except BaseException:
        connection.close()
        raise
    if response.is_last:
        connection.close()
    else:
        origin.give_back(connection)
    return response.status, b"".join(response.chunks)


def _talk(connection: Connection, sent: bytes, response: "_Response", deadline: float) -> None:
    try:
        connection.send(sent, deadline)
        received = connection.receive(deadline)
    except ConnectionError as error:
        raise ConnectionBroke(f"{type(error).__name__}: {error}") from error
    if not received:
        raise ConnectionBroke("closed without a word")
    response.feed(received)
    while not response.is_whole:
        received = connection.receive(deadline)
        if received:
            response.feed(received)
        else:
            response.end()


class _Response:
    """What comes back, as the parser tells of it (its `on_…` methods)."""

    def __init__(self, max_bytes: int) -> None:
        self.chunks: list[bytes] = []
        self.is_whole = False
        self.is_last = True  # on its connection, which can't be used again
        self._left = max_bytes
        self._head_left = MAX_HEAD
        self._all_left = MAX_HEAD + max_bytes
        self._has_length = False
        self._in_body = False
        self._has_another = False
        self._parser = HttpResponseParser(self)

    @property
    def status(self) -> int:
        """The status."""
        return self._parser.get_status_code()

    def feed(self, received: bytes) -> None:
        """Take what has been received. Raise ExchangeFailed if it is too much."""
        if not self._in_body:
            self._head_left -= len(received)
        self._all_left -= len(received)
        self._parser.feed_data(received)
        if self._left < 0 or self._all_left < 0:
            raise ExchangeFailed("the body is too large")
        if self._head_left < 0 and not self._in_body:
            raise ExchangeFailed("the headers are too large")
        if self._has_another:  # and on a kept connection it would be the next caller's
            raise ExchangeFailed("more than one answer came")

    def end(self) -> None:
        """Take the end of the connection. Raise ExchangeFailed if more had to come."""
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


def _encoded(origin: Origin, request: Request) -> bytes:
    check_headers(request.headers)
    headers = "".join([f"{name}: {value}\r\n" for name, value in request.headers.items()])
    target = f"{request.method} {origin.prefix}{request.path} HTTP/1.1"
    head = f"{target}\r\nHost: {origin.authority}\r\n{headers}"
    if request.body:
        return f"{head}Content-Length: {len(request.body)}\r\n\r\n".encode("ascii") + request.body
    if request.method != "GET":
        head += "Content-Length: 0\r\n"
    return f"{head}\r\n".encode("ascii")
