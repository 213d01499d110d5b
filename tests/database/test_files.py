"""Databases are files that their owner alone may read."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler
from pytest_django.plugin import DjangoDbBlocker

from database.configuration import database
from messaging.brokers.embedded.file import File


@pytest.fixture(autouse=True)
def unblocked(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def write(path: Path) -> dict[str, int]:
    """Write into a database, and return the permissions of all that lies beside it meanwhile."""
    handler = ConnectionHandler({"default": database(f"sqlite:///{path}", pool_size=1)})
    connection = handler["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE written (id integer PRIMARY KEY)")
        return {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    finally:
        connection.close()


def test_a_new_database_and_what_is_beside_it_are_their_owners_alone(tmp_path: Path) -> None:
    found = write(tmp_path / "new.sqlite3")
    assert {"new.sqlite3", "new.sqlite3-wal", "new.sqlite3-shm"} <= found.keys()
    assert set(found.values()) == {0o600}


def test_a_database_that_all_could_read_is_its_owners_alone_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(path)) as connection:  # open, so that its -wal and -shm stay
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE earlier (id integer)")
        for file in tmp_path.iterdir():
            file.chmod(0o644)
        found = write(path)
    assert {"old.sqlite3", "old.sqlite3-wal", "old.sqlite3-shm"} <= found.keys()
    assert set(found.values()) == {0o600}


def test_a_folder_that_is_not_there_is_a_database_that_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(OperationalError, match="No such file"):
        write(tmp_path / "nowhere" / "new.sqlite3")


def test_the_embedded_broker_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "broker.sqlite3"
    with closing(File(path)) as file:
        with file.transaction() as cursor:
            cursor.execute("DELETE FROM message")
        found = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    assert {"broker.sqlite3", "broker.sqlite3-wal"} <= found.keys()
    assert set(found.values()) == {0o600}
