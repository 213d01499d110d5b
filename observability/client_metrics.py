"""How many requests are made to another service, how they end, and how long they take."""

from collections.abc import Callable
from time import perf_counter

from observability.metrics import HTTP_CLIENT_DURATION

# The library's own look-up takes three times as long.
_series: dict[tuple[str, str, int | str, str], Callable[[float], None]] = {}


def measure(service: str, method: str, status: int | str, error: str, started: float) -> None:
    """Count a request that began at that moment of `perf_counter`.

    One without a response has no status, and a word for its error: `timeout` or `unavailable`.
    """
    key = service, method, status, error
    observe = _series.get(key)
    if observe is None:
        observe = _series[key] = HTTP_CLIENT_DURATION.labels(*map(str, key)).observe
    observe(perf_counter() - started)
