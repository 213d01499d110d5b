"""Sending and receiving on a connection, each within a deadline.

Python's own calls give up the interpreter's lock for every system call, and then wait for it behind
all other threads: for sending, for receiving and for looking whether the connection is still open.
These three take microseconds when they are asked not to wait, so the system is called directly and
the lock kept (`ctypes.PyDLL`). It is given up for waiting alone, once a call of a service; while a
wait is long, another thread works instead.
"""

import ctypes
import os
import select
import socket
import ssl
import time
from collections.abc import Callable
from functools import partial
from typing import TypeAlias, TypeVar

from gateway.server.threads import threads

T = TypeVar("T")
_CHUNK = 65_536
_SOON = 1.0  # ms; what comes within it isn't worth another thread
_SYSTEM = ctypes.PyDLL(None, use_errno=True)
_AT_ONCE = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL


class _Asked(ctypes.Structure):
    """One of those that poll(2) is asked about."""

    _fields_ = (("number", ctypes.c_int), ("events", ctypes.c_short), ("found", ctypes.c_short))


_send = _SYSTEM.send
_send.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
_send.restype = ctypes.c_ssize_t
_receive = _SYSTEM.recv
_receive.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_receive.restype = ctypes.c_ssize_t
_poll = _SYSTEM.poll
_poll.argtypes = [ctypes.POINTER(_Asked), ctypes.c_ulong, ctypes.c_int]


class PlainSocket:
    """A connected socket; for one thread at a time."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._number = connected.fileno()
        self._asked = _Asked(self._number, select.POLLIN)
        self._readable = select.poll()
        self._readable.register(connected, select.POLLIN)
        self._buffer = ctypes.create_string_buffer(_CHUNK)
        self._received = memoryview(self._buffer).cast("B")

    def has_ended(self) -> bool:
        """Tell whether the other side has closed it, or has said what nobody has asked for."""
        return bool(_poll(self._asked, 1, 0))

    def send(self, data: bytes, deadline: float) -> None:
        """Send it all. Raises TimeoutError, or another OSError if the connection is broken."""
        left(deadline)  # what is too late, as when a name was slow to be found, is never sent
        sent = _send(self._number, data, len(data), _AT_ONCE)
        if sent < 0:
            _raise_unless_busy()
            sent = 0
        if sent < len(data):
            with threads.waiting():
                self._socket.settimeout(left(deadline))
                self._socket.sendall(data[sent:])

    def receive(self, deadline: float) -> memoryview | bytes:
        """Wait for what comes, and answer it, empty if the other side has closed. It is good until
        more is received. Raises as `send` does.
        """
        while True:
            _wait_for(self._readable, deadline)
            size = _receive(self._number, self._buffer, _CHUNK, _AT_ONCE)
            if size >= 0:
                return self._received[:size]
            _raise_unless_busy()

    def close(self) -> None:
        """Close it."""
        self._socket.close()


class TlsSocket:
    """The same for a connection with TLS, in Python's own way."""

    def __init__(self, connected: ssl.SSLSocket) -> None:
        self._socket = connected
        self._socket.setblocking(False)
        self._poll = select.poll()

    def has_ended(self) -> bool:
        """Tell whether the other side has closed it, or has said what nobody has asked for."""
        self._poll.register(self._socket, select.POLLIN)
        return bool(self._socket.pending() or self._poll.poll(0))

    def send(self, data: bytes, deadline: float) -> None:
        """Send it all. Raises TimeoutError, or another OSError if the connection is broken."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._at_last(partial(self._socket.send, rest), deadline) :]

    def receive(self, deadline: float) -> memoryview | bytes:
        """Wait for what comes, and answer it, empty if the other side has closed. Raises as `send`
        does.
        """
        return self._at_last(partial(self._socket.recv, _CHUNK), deadline)

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def _at_last(self, act: Callable[[], T], deadline: float) -> T:
        """Answer what it does as soon as it needn't wait: TLS has things of its own to say, so
        that either may have to wait for both, and what has come may be none of the answer.
        """
        left(deadline)
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                self._poll.register(self._socket, select.POLLIN)
            except ssl.SSLWantWriteError:
                self._poll.register(self._socket, select.POLLOUT)
            _wait_for(self._poll, deadline)


# What either is to those who exchange something over it.
Connection: TypeAlias = PlainSocket | TlsSocket


def left(deadline: float, most: float = float("inf")) -> float:
    """Answer the seconds until a deadline, or `most`. Raises TimeoutError if it is over."""
    seconds = min(deadline - time.monotonic(), most)
    if seconds <= 0:
        raise TimeoutError("timed out")
    return seconds


def _wait_for(ready: select.poll, deadline: float) -> None:
    """Wait until a connection is ready. Raises TimeoutError."""
    milliseconds = left(deadline) * 1000
    if ready.poll(min(_SOON, milliseconds)):
        return
    with threads.waiting():
        if not ready.poll(left(deadline) * 1000):
            raise TimeoutError("timed out")


def _raise_unless_busy() -> None:
    error = OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if not isinstance(error, BlockingIOError | InterruptedError):
        raise error
