"""What is a fault of the database, and what of those that ask it: decided here alone.

A fault of the database is `OperationalError` or `InterfaceError` to all code: wait, and do it
again. Everything else is the fault of what was asked, and is the same at each attempt. The drivers
decide otherwise of some errors; the two backends beside this module raise what is decided here.
"""

import sqlite3
from types import TracebackType

import psycopg
from django.db import DataError, Error, InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseErrorWrapper

# The database can't be reached, was restarted, is locked or read-only, or gave up a deadlock: wait
# and do it again. Django does not translate the errors of connections that are opened without it.
DATABASE_FAULTS: tuple[type[Exception], ...] = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.TransactionTimeout,
    sqlite3.OperationalError,
)

# PostgreSQL's codes (https://www.postgresql.org/docs/current/errcodes-appendix.html), by class or
# whole. The longer one decides. What is in neither is what psycopg says it is.
_FAULT_CODES = {
    "25006",  # the database takes no writes: a standby, or turned read-only
    "25P03", "25P04",  # a transaction that waited or took too long: the session was ended
    "40",  # rolled back for the sake of another transaction
    "42501",  # a privilege was taken away: no message and no caller chooses what is asked
    "42P01", "42703", "3F000", "3D000",  # not migrated, or dropped
    "53",  # disk, memory, connections: used up
    "55",  # a lock is not to be had, or an object of the database is not ready for this
    "57",  # an operator stops it, or cancels
    "58",  # the system below it fails
    "72",  # a snapshot that is too old
    "XX001", "XX002",  # damaged: what was asked may be good
}  # fmt: skip
_NO_FAULT_CODES = {
    "40002",  # a constraint was broken
    "54",  # too large or too complex: as much so at the next attempt
}


def decided(error: BaseException | None) -> type[Error] | None:
    """Return what a driver's error is to be raised as, or None where its own class is right."""
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        names = {error.sqlstate, error.sqlstate[:2]}
        if names & _NO_FAULT_CODES:
            return DataError
        return OperationalError if names & _FAULT_CODES else None
    if isinstance(error, sqlite3.DatabaseError):
        damaged = getattr(error, "sqlite_errorcode", None) in _DAMAGED
        return OperationalError if damaged else None
    return None


_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class DecidedErrors(DatabaseErrorWrapper):
    """Raises a driver's errors as Django's, by what is decided here."""

    def __init__(self, wrapper: BaseDatabaseWrapper) -> None:
        super().__init__(wrapper)
        self._database = wrapper

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_value is None:  # of nearly every call
            return
        kind = decided(exc_value)
        if kind is not None:
            self._database.errors_occurred = True  # the connection is looked at before its next use
            raise kind(*exc_value.args).with_traceback(traceback) from exc_value
        super().__exit__(exc_type, exc_value, traceback)
