"""Many callers at once, each in a thread and with a connection of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import Any, TypeVar

from django.db import connection, connections, transaction

T = TypeVar("T")
DEADLINE = 30  # seconds; a test that waits longer has failed


def in_thread(call: Callable[[], T]) -> T:
    """Run it with a connection that is closed at the end."""
    try:
        return call()
    finally:
        connections.close_all()


def at_once(*calls: Callable[[], T]) -> list[T]:
    """Run each call in a thread of its own; all start when all are ready."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        barrier.wait(timeout=DEADLINE)
        return in_thread(call)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@contextmanager
def held_open(work: Callable[[], Any]) -> Iterator[None]:
    """Do the work in another thread's transaction, which commits only at the end of the block."""
    done, commit = Event(), Event()

    @transaction.atomic
    def hold() -> None:
        work()
        done.set()
        assert commit.wait(timeout=DEADLINE)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(in_thread, hold)
        held.add_done_callback(lambda _: done.set())
        try:
            assert done.wait(timeout=DEADLINE)
            yield
        finally:
            commit.set()
        held.result(timeout=DEADLINE)


@contextmanager
def waiting_for_another(call: Callable[[], T], waiting: int = 1) -> Iterator["Future[T]"]:
    """Start a call in a thread; the block begins once so many wait for a lock, it among them.

    SQLite doesn't tell who waits: there the call may begin only after the block, which changes
    the order of nothing.
    """
    pool = ThreadPoolExecutor(1)
    future = pool.submit(in_thread, call)
    pool.shutdown(wait=False)  # what it waits for ends only after the block
    if connection.vendor == "postgresql":
        seen = 0
        while seen < waiting and not future.done():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND cardinality(pg_blocking_pids(pid)) > 0"
                )
                seen = cursor.fetchone()[0]
    assert not future.done(), "it did not wait"
    yield future
