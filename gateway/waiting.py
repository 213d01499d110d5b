"""Waiting for sockets, in a way that keeps nobody else from working.

In a thread, a wait blocks that thread. On the server's event loop (see `rsgi.py`) each request runs
in a greenlet: what looks like blocking there lets the loop go on with other requests meanwhile. One
thread then does the work of many, which would only wait for the interpreter's lock.
"""

import asyncio
import contextvars
import select
import socket
from collections.abc import Callable
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


class RequestGreenlet(greenlet):
    """Work on an event loop, which runs in the greenlet's parent.

    The work never touches the loop: it asks its parent to, by switching to it with what has to be
    done. (While a greenlet runs, parts of its parent's stack are elsewhere, and libuv keeps some of
    the loop's state on the stack.) To the work, no loop is running: libraries that see one would
    answer with coroutines.
    """

    def __init__(self, work: Callable[[], object], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(work)
        self.answered: asyncio.Future[Any] = loop.create_future()
        self._loop = loop

    def go_on(self, *answer: object) -> None:
        """From the loop, begin the work, or end its wait with that answer."""
        asyncio._set_running_loop(None)
        try:
            asked = self.switch(*answer)
        except Exception as error:  # noqa: BLE001 - whoever waits for the work is told
            asyncio._set_running_loop(self._loop)
            if not self.answered.cancelled():
                self.answered.set_exception(error)
            return
        asyncio._set_running_loop(self._loop)
        if not self.dead:
            asked(self._loop, self.go_on)
        elif not self.answered.cancelled():
            self.answered.set_result(asked)

    def wait(self, begin: Callable[[asyncio.AbstractEventLoop, Callable[..., None]], None]) -> Any:
        """From the work, have the loop call `begin` with itself and what is to be called at the
        end of the wait; answer what that is called with.
        """
        if self.parent is None:
            raise RuntimeError("the loop has gone")
        return self.parent.switch(begin)


def wait_readable(connection: socket.socket, seconds: float) -> None:
    """Wait until something can be received. Raises TimeoutError after so many seconds."""
    _wait(connection, select.POLLIN, seconds)


def wait_writable(connection: socket.socket, seconds: float) -> None:
    """Wait until something can be sent. Raises TimeoutError after so many seconds."""
    _wait(connection, select.POLLOUT, seconds)


def blocking(function: Callable[..., T], *arguments: object) -> T:
    """Call what blocks its thread: on an event loop in another thread, else here."""
    current = getcurrent()
    if not isinstance(current, RequestGreenlet):
        return function(*arguments)
    context = contextvars.copy_context()

    def begin(loop: asyncio.AbstractEventLoop, go_on: Callable[..., None]) -> None:
        answer = loop.run_in_executor(None, context.run, function, *arguments)
        answer.add_done_callback(go_on)

    done: asyncio.Future[T] = current.wait(begin)
    return done.result()


def _wait(connection: socket.socket, event: int, seconds: float) -> None:
    current = getcurrent()
    if isinstance(current, RequestGreenlet):
        in_time = current.wait(_LoopWait(connection.fileno(), event, seconds))
    else:
        poll = select.poll()
        poll.register(connection, event)
        in_time = bool(poll.poll(seconds * 1000))
    if not in_time:
        raise TimeoutError("timed out")


class _LoopWait:
    """A wait on the loop, which ends with whether the socket was ready in time."""

    def __init__(self, number: int, event: int, seconds: float) -> None:
        self._number = number
        self._reads = event == select.POLLIN
        self._seconds = seconds

    def __call__(self, loop: asyncio.AbstractEventLoop, go_on: Callable[..., None]) -> None:
        self._loop, self._go_on = loop, go_on
        add = loop.add_reader if self._reads else loop.add_writer
        add(self._number, self._end, True)
        self._timer = loop.call_later(self._seconds, self._end, False)

    def _end(self, in_time: bool) -> None:
        # Whichever comes first, the other must not end a later wait.
        remove = self._loop.remove_reader if self._reads else self._loop.remove_writer
        remove(self._number)
        self._timer.cancel()
        self._go_on(in_time)
