"""How often something may be done: limits such as `10/minute`, counted in a moving window.

Counts are kept in the memory of each process, or, with `RATE_LIMIT_STORAGE` as a `redis://`
address, by all processes together.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from threading import Lock

from django.conf import settings
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from rest.errors import TooManyRequests


class Rate:
    """One limit on one kind of thing, each `key` of which is counted by itself."""

    def __init__(self, kind: str, rate: str) -> None:
        """Take a limit as text; an empty one allows everything. Raises ValueError."""
        self._kind = kind
        self._item: RateLimitItem | None = parse(rate) if rate else None
        self._under_way: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, key: str, times: int = 1) -> None:
        """Count that it is done now so often, or raise TooManyRequests if that is too often."""
        if self._item is not None and not _limiter().hit(self._item, self._kind, key, cost=times):
            raise self._refusal(key, times)

    @contextmanager
    def begin(self, key: str) -> Iterator[Callable[[], None]]:
        """Begin what counts only if it turns out so, and give what to call then.

        Whatever is under way counts too, or as many as begin at once would get through. It is
        known to its own process alone. Raises TooManyRequests.
        """
        with self._lock:
            if self._item and not _limiter().test(
                self._item, self._kind, key, cost=self._under_way[key] + 1
            ):
                raise self._refusal(key)
            self._under_way[key] += 1
        try:
            yield partial(self._count, key)
        finally:
            with self._lock:
                self._under_way[key] -= 1
                if not self._under_way[key]:
                    del self._under_way[key]

    def _count(self, key: str) -> None:
        if self._item is not None:
            _limiter().hit(self._item, self._kind, key)

    def _refusal(self, key: str, times: int = 1) -> TooManyRequests:
        assert self._item is not None  # noqa: S101 - nothing is refused without a limit
        window = _limiter().get_window_stats(self._item, self._kind, key)
        # Where some are left, it is only what is under way that they are kept for.
        seconds = 1 if window.remaining >= times else round(window.reset_time - time.time())
        return TooManyRequests(retry_after=max(1, seconds))


@cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage_from_string(settings.RATE_LIMIT_STORAGE))


def forget() -> None:
    """Forget all counts of this process. For tests."""
    _limiter.cache_clear()
