"""How often something may be done: limits such as `10/minute`, counted in a moving window.

Counts are kept in the memory of each process, or, with `RATE_LIMIT_STORAGE` as a `redis://`
address, by all processes together.
"""

import time
from functools import cache

from django.conf import settings
from django.http import HttpRequest
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

    def check(self, key: str) -> None:
        """Raise TooManyRequests if it was done too often, without counting."""
        if self._item is not None and not _limiter().test(self._item, self._kind, key):
            raise self._refusal(key)

    def count(self, key: str) -> None:
        """Count that it was done."""
        if self._item is not None:
            _limiter().hit(self._item, self._kind, key)

    def take(self, key: str) -> None:
        """Count that it is done now, or raise TooManyRequests if that is once too often."""
        if self._item is not None and not _limiter().hit(self._item, self._kind, key):
            raise self._refusal(key)

    def _refusal(self, key: str) -> TooManyRequests:
        assert self._item is not None  # noqa: S101 - nothing is refused without a limit
        window = _limiter().get_window_stats(self._item, self._kind, key)
        return TooManyRequests(retry_after=max(1, round(window.reset_time - time.time())))


def address_of(request: HttpRequest) -> str:
    """Answer where a request comes from: what the proxy in front says, where one is trusted."""
    if settings.TRUST_PROXY_HEADERS:
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))


@cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage_from_string(settings.RATE_LIMIT_STORAGE))


def forget() -> None:
    """Forget all counts of this process. For tests."""
    _limiter.cache_clear()
