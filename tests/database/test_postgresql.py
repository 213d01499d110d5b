"""A connection of the pool is good when a request gets it, and isn't asked whether it is."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.db.utils import ConnectionHandler
from psycopg_pool import ConnectionPool

from database.configuration import database

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not settings.DATABASE_URL.startswith("postgres"), reason="PostgreSQL has the pool"
    ),
]


@pytest.fixture
def pooled() -> Iterator[Any]:
    """A connection by a pool of one, as a request has it."""
    # Pools are kept by alias: one of its own leaves that of the tests alone.
    entry = database(settings.DATABASE_URL, pool_size=1)
    pooled: Any = ConnectionHandler({"default": {}, "pooled": entry})["pooled"]
    yield pooled
    pooled.close()
    pooled.close_pool()


def ask(pooled: Any) -> int:
    """Ask for the backend as a request does: take a connection, and give it back."""
    with pooled.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = int(cursor.fetchone()[0])
    pooled.close()
    return pid


def test_a_good_connection_is_taken_without_a_question(
    pooled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(ConnectionPool, "check_connection", staticmethod(asked.append))
    assert ask(pooled) == ask(pooled)
    assert not asked


def test_a_connection_that_the_server_has_closed_is_replaced(pooled: Any) -> None:
    first = ask(pooled)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 30000)", [first])  # waits until it is gone
        assert cursor.fetchone() == (True,)
    assert ask(pooled) != first


def test_connections_that_a_restart_has_broken_are_replaced_by_one_request() -> None:
    size = 8
    entry = database(settings.DATABASE_URL, pool_size=size)
    wrappers: list[Any] = [
        ConnectionHandler({"default": {}, "grown": entry})["grown"] for _ in range(size)
    ]
    try:
        with ThreadPoolExecutor(size) as threads:  # as many requests at once
            together = threading.Barrier(size)
            broken = list(threads.map(partial(_ask_together, together), wrappers))
        assert len(set(broken)) == size
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid, 30000)) FROM unnest(%s) AS pid", [broken]
            )
        assert ask(wrappers[0]) not in broken
    finally:
        for wrapper in wrappers:
            wrapper.close()
        wrappers[0].close_pool()


def _ask_together(together: threading.Barrier, wrapper: Any) -> int:
    """Ask while the others do, so that the pool has as many connections."""
    wrapper.inc_thread_sharing()
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        together.wait(30)
        pid = int(cursor.fetchone()[0])
    wrapper.close()
    return pid


def test_a_server_that_takes_no_writes_counts_as_none() -> None:
    entry = database(settings.DATABASE_URL, pool_size=1)
    entry["OPTIONS"]["options"] = "-c default_transaction_read_only=on"
    standby: Any = ConnectionHandler({"default": {}, "standby": entry})["standby"]
    try:
        with pytest.raises(OperationalError):
            ask(standby)
    finally:
        standby.close()
        standby.close_pool()
