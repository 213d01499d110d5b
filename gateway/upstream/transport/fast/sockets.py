"""Sending and receiving on a connection, each within a deadline."""

import select
import socket
import ssl
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")
_CHUNK = 65_536  # bytes


class Connection:
    """A connected socket, with or without TLS; for one thread at a time."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._socket.setblocking(False)
        self._poll = select.poll()

    def has_ended(self) -> bool:
        """Say whether the other side has closed it, or has sent what nobody has asked for."""
        self._poll.register(self._socket, select.POLLIN)
        return bool(self._has_read_ahead() or self._poll.poll(0))

    def send(self, data: bytes, deadline: float) -> None:
        """Send it all. Raise TimeoutError, or another OSError if the connection is broken."""
        left(deadline)  # what is too late, as when a name was slow to be found, is never sent
        rest = memoryview(data)
        while rest:
            send = partial(self._socket.send, rest)
            rest = rest[self._once_ready(send, select.POLLOUT, deadline) :]

    def receive(self, deadline: float) -> bytes:
        """Wait for what comes and return it, empty if the other side has closed. Raise as `send`
        does.
        """
        if not self._has_read_ahead():
            self._wait_for(select.POLLIN, deadline)
        return self._once_ready(partial(self._socket.recv, _CHUNK), select.POLLIN, deadline)

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def _has_read_ahead(self) -> bool:
        return isinstance(self._socket, ssl.SSLSocket) and bool(self._socket.pending())

    def _once_ready(self, act: Callable[[], T], needs: int, deadline: float) -> T:
        """Return what it does as soon as it needn't wait. TLS has things of its own to say, so
        that sending may have to wait for what comes, and receiving for what goes.
        """
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                events = select.POLLIN
            except ssl.SSLWantWriteError:
                events = select.POLLOUT
            except BlockingIOError:
                events = needs
            self._wait_for(events, deadline)

    def _wait_for(self, events: int, deadline: float) -> None:
        self._poll.register(self._socket, events)
        if not self._poll.poll(left(deadline) * 1000):
            raise TimeoutError("timed out")


def left(deadline: float, most: float = float("inf")) -> float:
    """Return the seconds until a deadline, or `most`. Raise TimeoutError if it is over."""
    seconds = min(deadline - time.monotonic(), most)
    if seconds <= 0:
        raise TimeoutError("timed out")
    return seconds
