"""Which errors are the database's own fault: on PostgreSQL, errors that the server raises."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import (
    DataError,
    Error,
    IntegrityError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)
from django.db.utils import ConnectionHandler

from database import readiness
from database.configuration import database
from tests.read_only import read_only
from tools.children import wait_until

on_postgresql = pytest.mark.skipif(
    not settings.DATABASE_URL.startswith("postgres"), reason="PostgreSQL has these codes"
)
FAULTS = [
    "25006", "25P03", "25P04", "40001", "40P01", "40003", "42501", "42P01", "42703", "3F000",
    "3D000", "53000", "53100", "53200", "53300", "53400", "55000", "55006", "55P02", "55P03",
    "57000", "57014", "57P01", "57P02", "57P04", "57P05", "58000", "58030", "58P01", "58P02",
    "72000", "08006", "XX001", "XX002",
]  # fmt: skip
OTHERS = {
    "22003": DataError,
    "23505": IntegrityError,
    "25P02": InternalError,
    "40002": DataError,
    "54000": DataError,
    "54001": DataError,
    "XX000": InternalError,
}


def raised(code: str) -> Error:
    """Have the server raise an error of this code, and return what it is here."""
    with pytest.raises(Error) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = '{code}'; END $$")
    return caught.value


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_of_the_database_is_an_operational_error(code: str) -> None:
    error = raised(code)
    assert type(error) is OperationalError
    assert "as asked" in str(error)
    assert error.__cause__ is not None


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("code", OTHERS)
def test_what_fails_at_each_attempt_is_no_fault_of_the_database(code: str) -> None:
    assert type(raised(code)) is OTHERS[code]


@on_postgresql
@pytest.mark.django_db
def test_a_session_that_takes_no_writes_any_more_is_at_fault_and_not_writable() -> None:
    readiness.check_writable()
    with read_only():
        assert not readiness.database_answers()
        with pytest.raises(OperationalError, match="read-only"), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE anything (id int)")


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_session_that_was_ended_as_it_waited_in_a_transaction_is_at_fault() -> None:
    other: Any = connection.copy()

    def is_gone(pid: int) -> bool:
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid])
            return bool(cursor.fetchone() == (0,))

    with pytest.raises(OperationalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '1ms'")
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
        wait_until(partial(is_gone, pid), patience=30, what="the session's end")
        cursor.execute("SELECT 1")
    other.close()
    connection.close()


@pytest.mark.django_db
def test_a_sqlite_file_that_is_damaged_is_at_fault(tmp_path: Path) -> None:
    path = tmp_path / "damaged.sqlite3"
    path.write_bytes(b"no database at all, " * 100)
    damaged = ConnectionHandler(
        {"default": {}, "damaged": database(f"sqlite:///{path}", pool_size=1)}
    )["damaged"]
    with pytest.raises(OperationalError, match="not a database"):
        damaged.ensure_connection()
