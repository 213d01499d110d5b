"""How the pool of connections is used, for the metrics."""

from collections.abc import Iterator

from django.db import connection

from observability.metrics import (
    POOL_CONNECTIONS,
    POOL_MAX,
    POOL_PENDING,
    POOL_TIMEOUTS,
    Reading,
)


def read_pool() -> Iterator[Reading]:
    """Give what the pool of this process says of itself; nothing where there is none."""
    pool = getattr(connection, "pool", None)
    if pool is None:
        return
    found = pool.get_stats()
    idle = found.get("pool_available", 0)
    yield POOL_CONNECTIONS, ("idle",), idle
    yield POOL_CONNECTIONS, ("used",), found.get("pool_size", 0) - idle
    yield POOL_MAX, (), found.get("pool_max", 0)
    yield POOL_PENDING, (), found.get("requests_waiting", 0)
    yield POOL_TIMEOUTS, (), found.get("requests_errors", 0)
