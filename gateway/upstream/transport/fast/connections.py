"""Kept-alive connections to the services, one pool for each; safe to use from all threads."""

import socket
from collections import deque
from dataclasses import dataclass, field
from functools import cache, cached_property
from urllib.parse import urlsplit

from gateway.upstream.transport.fast.sockets import Connection
from web.trust import tls_context

MAX_IDLE = 64  # per service and process: as many as there are threads


@dataclass(frozen=True)
class Origin:
    """Where a service is: what of its address every request to it has in common."""

    host: str
    port: int
    tls: bool
    prefix: str  # of each path
    _idle: deque[Connection] = field(default_factory=deque, compare=False, repr=False)

    @cached_property
    def authority(self) -> str:
        """What the `Host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    def kept(self) -> Connection | None:
        """Return a connection that was given back and is still open, if there is one."""
        while True:
            try:
                connection = self._idle.pop()  # the one used last: the others may age and go
            except IndexError:
                return None
            if not connection.has_ended():
                return connection
            connection.close()

    def connect(self, seconds: float) -> Connection:
        """Open a connection. Raise OSError; TimeoutError if it takes too long."""
        connection = socket.create_connection((self.host, self.port), seconds)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                connection = tls_context().wrap_socket(connection, server_hostname=self.host)
            return Connection(connection)
        except BaseException:
            connection.close()
            raise

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for the next request."""
        if len(self._idle) >= MAX_IDLE:
            connection.close()
        else:
            self._idle.append(connection)


@cache
def origin_of(url: str) -> Origin:
    """Return the origin of a service's base address; the same object for the same address."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    return Origin(parts.hostname or "", port, tls, parts.path.rstrip("/"))
