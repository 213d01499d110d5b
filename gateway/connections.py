"""Kept-alive connections to the services, one pool for each; safe to use from all threads."""

import errno
import os
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from gateway.waiting import blocking, wait_readable, wait_writable

MAX_IDLE = 64  # per service and process
T = TypeVar("T")


@dataclass(frozen=True)
class Origin:
    """Where a service is: what of its address every request to it has in common."""

    host: str
    port: int
    tls: bool
    prefix: str  # of each path
    _idle: deque[socket.socket] = field(
        default_factory=lambda: deque(maxlen=MAX_IDLE), compare=False, repr=False
    )

    @property
    def authority(self) -> str:
        """What the `Host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    def kept(self) -> socket.socket | None:
        """Answer a connection that was given back and is still open, if there is one."""
        while True:
            try:
                connection = self._idle.pop()  # the one used last: the others may age and go
            except IndexError:
                return None
            if not _has_ended(connection):
                return connection
            connection.close()

    def connect(self, deadline: float) -> socket.socket:
        """Open a connection. Raises OSError; TimeoutError if it takes beyond the deadline."""
        failure: OSError = ConnectionError(f"{self.host} has no address")
        for family, kind, protocol, _, address in self._addresses():
            connection = socket.socket(family, kind, protocol)
            try:
                connection.setblocking(False)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _connect(connection, address, deadline)
                return self._secured(connection, deadline) if self.tls else connection
            except OSError as error:
                connection.close()
                failure = error
            except BaseException:
                connection.close()
                raise
        raise failure

    def _addresses(self) -> list[tuple[Any, ...]]:
        find = partial(socket.getaddrinfo, self.host, self.port, type=socket.SOCK_STREAM)
        try:
            return list(find(flags=socket.AI_NUMERICHOST))
        except socket.gaierror:
            return list(blocking(find))

    def _secured(self, connection: socket.socket, deadline: float) -> socket.socket:
        secured = _tls().wrap_socket(
            connection, server_hostname=self.host, do_handshake_on_connect=False
        )
        _patiently(secured.do_handshake, secured, deadline)
        return secured

    def give_back(self, connection: socket.socket) -> None:
        """Keep a connection for the next request."""
        if len(self._idle) >= MAX_IDLE:
            connection.close()
        else:
            self._idle.append(connection)


@cache
def origin_of(url: str) -> Origin:
    """Answer the origin of a service's base address; the same object for the same address."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    return Origin(parts.hostname or "", port, tls, parts.path.rstrip("/"))


def _has_ended(connection: socket.socket) -> bool:
    """Tell whether the service has closed it. (It has nothing else to say before it is asked.)"""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _patiently(act: Callable[[], T], connection: socket.socket, deadline: float) -> T:
    """Do something with a connection as soon as it can be done. Raises TimeoutError if too late."""
    while True:
        try:
            return act()
        except (BlockingIOError, ssl.SSLWantReadError):
            wait_readable(connection, _left(deadline))
        except ssl.SSLWantWriteError:
            wait_writable(connection, _left(deadline))


def send(connection: socket.socket, content: bytes, deadline: float) -> None:
    """Send it all. Raises OSError; TimeoutError if it takes beyond the deadline."""
    rest = memoryview(content)
    while rest:
        try:
            rest = rest[connection.send(rest) :]
        except (BlockingIOError, ssl.SSLWantWriteError):
            wait_writable(connection, _left(deadline))
        except ssl.SSLWantReadError:
            wait_readable(connection, _left(deadline))


def receive(connection: socket.socket, most: int, deadline: float) -> bytes:
    """Answer what comes next, nothing at the end. Raises OSError; TimeoutError if it is late."""
    if not isinstance(connection, ssl.SSLSocket):  # which may have decrypted more than was read
        wait_readable(connection, _left(deadline))
    return _patiently(lambda: connection.recv(most), connection, deadline)


def _connect(connection: socket.socket, address: Any, deadline: float) -> None:
    code = connection.connect_ex(address)
    if code == errno.EINPROGRESS:
        wait_writable(connection, _left(deadline))
        code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
