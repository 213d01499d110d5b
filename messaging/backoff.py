"""Pauses between attempts: longer each time, never in step with others."""

import random
from datetime import timedelta


class Backoff:
    """Delays that double from `first` to `most`, each shortened by a random part of a half.

    Without the random part, all the processes that lost one broker come back at one moment.
    """

    def __init__(
        self,
        first: timedelta = timedelta(milliseconds=200),
        most: timedelta = timedelta(seconds=5),
    ) -> None:
        self._first = first.total_seconds()
        self._most = most.total_seconds()
        self._failures = 0

    def reset(self) -> None:
        """Begin anew: the last attempt was good."""
        self._failures = 0

    def next_delay(self) -> float:
        """Return the seconds to wait after one more failure."""
        delay: float = min(self._most, self._first * 2.0 ** min(self._failures, 20))
        self._failures += 1
        return delay * random.uniform(0.5, 1)  # noqa: S311 - no secret
