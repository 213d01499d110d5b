"""The clock that a simulated broker goes by: the scheduler's, or a real one."""

import time
from collections.abc import Callable
from typing import Protocol

POLL_SECONDS = 0.001


class Clock(Protocol):
    """What the time is, and waiting."""

    def now(self) -> float:
        """Return the seconds since some moment."""

    def wait(self, until: Callable[[], bool], timeout: float) -> bool:
        """Wait until something holds, and return whether it does, after `timeout` at the latest."""


class RealClock:
    """The clock of the conformance suite, whose threads are real."""

    def now(self) -> float:
        """See Clock."""
        return time.monotonic()

    def wait(self, until: Callable[[], bool], timeout: float) -> bool:
        """See Clock."""
        end = self.now() + timeout
        while not until():
            if self.now() >= end:
                return False
            time.sleep(POLL_SECONDS)
        return True
