"""Databases go away under load, and come back."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing

import pytest

from tests.system.chaos.conftest import OPERATIONS
from tests.system.load import Load
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until

Loaded = Callable[[Stack], AbstractContextManager[Load]]
LOCKED_SECONDS = 10


def test_postgresql_restarted_loses_nothing_and_costs_no_message_an_attempt(
    stack: Stack, loaded: Loaded
) -> None:
    if stack.postgres is None:
        pytest.skip("It is SQLite here.")
    with loaded(stack) as load:
        for kill in (False, True):
            if kill:
                stack.postgres.kill()
                stack.postgres.start()
            else:
                stack.postgres.restart()
            load.faults += 1
            stack.product.wait_until_ready()
            load.wait_for_more(OPERATIONS)
    assert "event_failed" not in stack.logged()


def test_connections_ended_by_the_server_are_opened_again(stack: Stack, loaded: Loaded) -> None:
    if stack.postgres is None:
        pytest.skip("It is SQLite here.")
    with loaded(stack) as load:
        for service in ("quotes", "likes"):
            stack.rows(
                service,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid != pg_backend_pid() AND datname = current_database()",
            )
            load.faults += 1
        stack.product.wait_until_ready()
        load.wait_for_more(OPERATIONS)


def test_sqlite_locked_by_another_for_ten_seconds_loses_nothing(
    stack: Stack, loaded: Loaded
) -> None:
    if stack.postgres is not None:
        pytest.skip("It is PostgreSQL here.")
    with loaded(stack) as load:
        for service in ("QUOTES", "LIKES"):
            path = stack.environment[f"{service}_DATABASE_URL"].removeprefix("sqlite:///")
            with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                until = time.monotonic() + LOCKED_SECONDS
                wait_until(
                    lambda until=until: time.monotonic() > until,  # type: ignore[misc]
                    patience=PATIENCE,
                    what="it was locked long enough",
                )
                other.execute("ROLLBACK")
            load.faults += 1
            load.wait_for_more(OPERATIONS)
