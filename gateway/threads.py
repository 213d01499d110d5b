"""Few of the server's threads at work at a time, but all of them where there is a wait.

Threads of one process share one interpreter. Three keep it busy while services answer at once, and
more only take it from each other in no order: requests cost a fifth more, and the slowest take
twice as long. Where a service is slow, three would soon all be waiting for it, and everybody else
for them.

So a thread that ends a request while enough others are at work rests instead of taking the next,
until one of them waits. Nothing is handed over from thread to thread: the server's own queue holds
what has come, and whoever isn't at rest takes from it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AT_WORK = 3  # measured; 2 and 4 are hardly worse
# What takes threads without telling (a body that comes slowly, say) is noticed within so long.
LOOK_SECONDS = 0.01


class Threads:
    """The threads of this process that answer requests. Safe to use from all of them."""

    def __init__(self, at_work: int = AT_WORK, look_seconds: float = LOOK_SECONDS) -> None:
        self._most = at_work
        self._look_seconds = look_seconds
        self._lock = threading.Lock()
        self._here = threading.local()
        self._free = 0  # threads that neither rest nor wait: they work, or have nothing to do
        self._waiting = 0
        self._ended = 0  # requests, ever
        self._ended_before = 0  # the last look
        self._resting: deque[threading.Lock] = deque()
        self._somebody_rests = threading.Event()
        self._lookout: threading.Thread | None = None

    def begin(self) -> None:
        """Tell that this thread has taken a request."""
        if not hasattr(self._here, "member"):
            self._here.member = _Member(self._left)
            with self._lock:
                self._free += 1

    def end(self) -> bool:
        """Tell that it has answered it; say whether it is to `rest` before it takes another."""
        with self._lock:
            self._ended += 1
            return self._is_surplus()

    def rest(self) -> None:
        """Return when this thread is needed."""
        with self._lock:
            if not self._is_surplus():
                return
            self._free -= 1
            needed = threading.Lock()
            needed.acquire()
            self._resting.append(needed)
            if self._lookout is None:
                self._lookout = threading.Thread(target=self._look_out, daemon=True)
                self._lookout.start()
        self._somebody_rests.set()
        needed.acquire()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait for somebody else, while another thread works instead."""
        with self._lock:
            self._waiting += 1
            self._lose_one()
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1
                self._free += 1

    def _is_surplus(self) -> bool:
        # For each that waits there is one more: where services are slow, nobody comes and goes.
        return self._free > self._most + self._waiting

    def _left(self) -> None:
        with self._lock:
            self._lose_one()

    def _lose_one(self) -> None:
        self._free -= 1
        if self._free < self._most:
            self._wake_one()

    def _wake_one(self) -> None:
        if self._resting:
            self._free += 1
            self._resting.popleft().release()

    def look(self) -> None:
        """Wake one if no request has ended since the last look: there are none, or all threads are
        taken.
        """
        with self._lock:
            if self._ended == self._ended_before:
                self._wake_one()
            self._ended_before = self._ended
            if not self._resting:
                self._somebody_rests.clear()

    def _look_out(self) -> None:
        while True:
            self._somebody_rests.wait()
            time.sleep(self._look_seconds)
            self.look()


class _Member:
    """What a thread holds as long as it lives: the server lets those go that have nothing to do."""

    def __init__(self, left: Callable[[], None]) -> None:
        self._left = left

    def __del__(self) -> None:
        self._left()


threads = Threads()
