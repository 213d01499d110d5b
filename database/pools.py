"""How the pool of connections is used, and whether it has had to connect anew."""

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


def connections_made() -> int:
    """Return how many connections this process's pool has tried to make; 0 where there is none.

    This thread has one of them then: a broken one is found only when it is taken, and replaced.
    Raise an `Error` of Django's if none is to be had.
    """
    pool = getattr(connection, "pool", None)
    if pool is None:
        return 0
    connection.ensure_connection()
    return int(pool.get_stats().get("connections_num", 0))
