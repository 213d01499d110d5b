"""How often something may be done: limits such as `10/minute`, counted in a moving window.

Counts are kept in the memory of each process, or, with `RATE_LIMIT_STORAGE` as a `redis://`
address, by all processes together. While Redis does not answer, each process counts by itself.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from threading import Lock
from typing import TypeVar

import structlog
from django.conf import settings
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from observability.metrics import RATE_LIMITED
from web.errors import TooManyRequests

REDIS_TIMEOUT = 0.5  # seconds; a Redis on the same network answers within milliseconds
REDIS_PAUSE = 5.0  # seconds for which one that failed is left alone, since each try costs a caller
T = TypeVar("T")

logger = structlog.get_logger(__name__)


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
        if self._item is not None and not self._hit(self._item, key, times):
            raise self._refusal(self._item, key, times)

    def count(self, key: str) -> None:
        """Count that it was done, however often that was."""
        if self._item is not None:
            self._hit(self._item, key)

    @contextmanager
    def begin(self, key: str) -> Iterator[Callable[[], object]]:
        """Begin what counts only if it turns out so, and give what to call then.

        Whatever is under way counts too, or as many as begin at once would get through. It is
        known to its own process alone. Raises TooManyRequests.
        """
        item = self._item
        if item is None:
            yield lambda: None
            return
        with self._lock:
            if not self._allows(item, key, self._under_way[key] + 1):
                raise self._refusal(item, key)
            self._under_way[key] += 1
        try:
            yield partial(self._hit, item, key)
        finally:
            with self._lock:
                self._under_way[key] -= 1
                if not self._under_way[key]:
                    del self._under_way[key]

    def _allows(self, item: RateLimitItem, key: str, times: int) -> bool:
        return _counts().ask(lambda limiter: limiter.test(item, self._kind, key, cost=times))

    def _hit(self, item: RateLimitItem, key: str, times: int = 1) -> bool:
        return _counts().ask(lambda limiter: limiter.hit(item, self._kind, key, cost=times))

    def _refusal(self, item: RateLimitItem, key: str, times: int = 1) -> TooManyRequests:
        RATE_LIMITED.labels(self._kind).inc()
        window = _counts().ask(lambda limiter: limiter.get_window_stats(item, self._kind, key))
        # Where some are left, it is only what is under way that they are kept for.
        seconds = 1 if window.remaining >= times else round(window.reset_time - time.time())
        return TooManyRequests(retry_after=max(1, seconds))


class _Counts:
    """Where it is counted: at Redis where there is one that answers, else in this process."""

    def __init__(self, address: str) -> None:
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared: MovingWindowRateLimiter | None = None
        self._left_alone_until = 0.0
        if not address.startswith("memory:"):
            storage = storage_from_string(
                address,
                wrap_exceptions=True,
                socket_timeout=REDIS_TIMEOUT,
                socket_connect_timeout=REDIS_TIMEOUT,
            )
            self._shared = MovingWindowRateLimiter(storage)

    def ask(self, question: Callable[[MovingWindowRateLimiter], T]) -> T:
        """Ask the limiter that counts at the moment."""
        if self._shared is not None and time.monotonic() >= self._left_alone_until:
            try:
                return question(self._shared)
            except StorageError as error:
                self._left_alone_until = time.monotonic() + REDIS_PAUSE
                reason = str(error.storage_error)
                logger.warning("rate_limit_storage_unavailable", error=reason, pause=REDIS_PAUSE)
        return question(self._own)


@cache
def _counts() -> _Counts:
    return _Counts(settings.RATE_LIMIT_STORAGE)


def forget() -> None:
    """Forget all counts of this process. For tests."""
    _counts.cache_clear()
