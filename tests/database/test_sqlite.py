"""SQLite's writers take turns, whatever thread or process they are of."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import IntegrityError, connections, transaction
from django.db.utils import ConnectionHandler
from pytest_django.plugin import DjangoDbBlocker

from database.configuration import database

DEADLINE = 30  # seconds


class Writers:
    """Connections to one file, one per thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handler = ConnectionHandler({"default": database(f"sqlite:///{path}", pool_size=1)})

    @contextmanager
    def connection(self) -> Iterator[str]:
        """Give the alias of this thread's connection; it is closed after."""
        alias = f"writers-{id(self)}"
        connections[alias] = self._handler["default"]
        try:
            yield alias
        finally:
            connections[alias].close()
            del connections[alias]
            del self._handler["default"]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Be in a transaction of this thread's connection; it is closed after."""
        with self.connection() as alias, transaction.atomic(using=alias):
            yield

    def execute(self, statement: str, *values: int) -> None:
        """Run a statement on this thread's connection."""
        with self._handler["default"].cursor() as cursor:
            cursor.execute(statement, values)

    def turn_is_taken(self) -> bool:
        """Return whether a transaction is under way."""
        turn = os.open(f"{self.path}.turn", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(turn)
        return False


@pytest.fixture
def writers(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Writers]:
    with django_db_blocker.unblock():
        writers = Writers(tmp_path / "database.sqlite3")
        with writers.transaction():
            writers.execute("CREATE TABLE counted (id integer PRIMARY KEY)")
        yield writers


def test_a_transaction_waits_until_the_one_before_it_has_ended(writers: Writers) -> None:
    def write(number: int) -> None:
        with writers.transaction():
            writers.execute("INSERT INTO counted VALUES (%s)", number)

    with ThreadPoolExecutor(8) as pool:
        with writers.transaction():
            waiting: list[Future[None]] = [pool.submit(write, number) for number in range(8)]
            writers.execute("INSERT INTO counted VALUES (100)")
            assert not any(write.done() for write in waiting)
        for write_done in waiting:
            write_done.result(DEADLINE)
    assert not writers.turn_is_taken()


def test_a_turn_ends_with_a_commit_a_rollback_and_a_failed_statement(writers: Writers) -> None:
    with writers.connection() as alias:  # which stays open, as a consumer's does
        with transaction.atomic(using=alias):
            writers.execute("INSERT INTO counted VALUES (1)")
            assert writers.turn_is_taken()
        assert not writers.turn_is_taken()
        with pytest.raises(IntegrityError), transaction.atomic(using=alias):
            writers.execute("INSERT INTO counted VALUES (1)")
        assert not writers.turn_is_taken()
        with transaction.atomic(using=alias):
            writers.execute("INSERT INTO counted VALUES (2)")
            transaction.set_rollback(True, using=alias)
        assert not writers.turn_is_taken()


def test_a_commit_is_on_the_disk_before_it_is_answered(writers: Writers) -> None:
    with writers.connection() as alias, connections[alias].cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2, "it is FULL"


def test_a_turn_ends_when_its_process_is_killed(writers: Writers) -> None:
    script = (
        "import fcntl, os, sys\n"
        "turn = os.open(sys.argv[1], os.O_RDWR)\n"
        "fcntl.flock(turn, fcntl.LOCK_EX)\n"
        "print('taken', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, f"{writers.path}.turn"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"taken\n"
        assert writers.turn_is_taken()
        other.send_signal(signal.SIGKILL)
        other.wait(DEADLINE)
    with writers.transaction():
        writers.execute("INSERT INTO counted VALUES (2)")
