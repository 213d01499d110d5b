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
# A request that takes longer waits for something, without having told: a body that comes slowly, a
# client that reads slowly.
LONG = 0.02  # seconds


class _Work:
    """What a thread is at. Kept apart from its `_Member`: who looks at it must not be the last that
    holds that one, whose end takes the lock.
    """

    def __init__(self) -> None:
        self.since: float | None = None  # by the monotonic clock, if it is at something
        self.is_away = False


class _Member:
    """What a thread holds as long as it lives: the server ends those that have nothing to do."""

    def __init__(self, work: _Work, ended: Callable[[_Work], None]) -> None:
        self.work = work
        self._ended = ended

    def __del__(self) -> None:
        self._ended(self.work)


class _Here(threading.local):
    member: _Member | None = None


class Threads:
    """The threads of this process that answer requests. Safe to use from all of them."""

    def __init__(self, at_work: int = AT_WORK, long: float = LONG) -> None:
        self._most = at_work
        self._long = long
        self._lock = threading.Lock()
        self._here = _Here()
        self._works: set[_Work] = set()  # of the threads that there are
        self._free = 0  # threads that neither rest nor are away: they work, or have nothing to do
        self._away = 0  # those that wait for somebody
        self._ended = 0  # requests, ever
        self._ended_before = 0  # the last look
        self._resting: deque[threading.Lock] = deque()
        self._somebody_rests = threading.Event()
        self._lookout: threading.Thread | None = None

    def begin(self) -> None:
        """Tell that this thread has taken a request."""
        member = self._here.member
        if member is None:
            member = self._here.member = _Member(_Work(), self._has_ended)
            with self._lock:
                self._works.add(member.work)
                self._free += 1
        member.work.since = time.monotonic()

    def end(self) -> bool:
        """Tell that it has answered it; say whether it is to `rest` before it takes another."""
        member = self._here.member
        with self._lock:
            if member is not None:
                member.work.since = None
                self._come_back(member.work)
            self._ended += 1
            return self._is_surplus()

    def rest(self) -> None:
        """Return when this thread is needed."""
        with self._lock:
            if not self._is_surplus():
                return
            if self._lookout is None:
                lookout = threading.Thread(target=self._look_out, daemon=True)
                lookout.start()
                self._lookout = lookout
            self._free -= 1
            needed = threading.Lock()
            needed.acquire()
            self._resting.append(needed)
        self._somebody_rests.set()
        needed.acquire()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait for somebody else, while another thread works instead."""
        member = self._here.member
        if member is None:  # no thread of the server's
            yield
            return
        with self._lock:
            self._go_away(member.work)
        try:
            yield
        finally:
            with self._lock:
                self._come_back(member.work)
                member.work.since = time.monotonic()

    def look(self, long: float) -> None:
        """Notice who has been at one request for so many seconds; and wake one if no request has
        ended since the last look, so that nobody rests when there is nothing to do.
        """
        with self._lock:
            begun = time.monotonic() - long
            for work in self._works:
                if work.since is not None and work.since <= begun:
                    self._go_away(work)
            if self._ended == self._ended_before:
                self._wake_one()
            self._ended_before = self._ended
            if not self._resting:
                self._somebody_rests.clear()

    def _is_surplus(self) -> bool:
        # For each that is away there is one more: where services are slow, nobody comes and goes.
        return self._free > self._most + self._away

    def _go_away(self, work: _Work) -> None:
        if not work.is_away:
            work.is_away = True
            self._away += 1
            self._lose_one()

    def _come_back(self, work: _Work) -> None:
        if work.is_away:
            work.is_away = False
            self._away -= 1
            self._free += 1

    def _has_ended(self, work: _Work) -> None:
        with self._lock:
            self._works.discard(work)
            self._come_back(work)
            self._lose_one()

    def _lose_one(self) -> None:
        self._free -= 1
        if self._free < self._most:
            self._wake_one()

    def _wake_one(self) -> None:
        if self._resting:
            self._free += 1
            self._resting.popleft().release()

    def _look_out(self) -> None:
        while True:
            self._somebody_rests.wait()
            time.sleep(self._long)
            self.look(self._long)


threads = Threads()
