"""Leadership: of all the relays of one service, one publishes; the others wait their turn.

Two relays that publish at once would send the events of one subject out of order. On
PostgreSQL the turn is a session advisory lock on a connection of its own, freed by the server
when the relay dies; the same connection listens for new outbox rows. On SQLite it is a lock on
a file beside the database, freed by the system, and new rows are found by a cheap poll.
"""

import contextlib
import fcntl
import select
import sqlite3
import time
import uuid
from collections.abc import Iterator
from typing import Any, Protocol

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

from messaging.errors import SessionNotKept
from messaging.models import OutboxEvent

NOTIFY_CHANNEL = "messaging_outbox"
# Any number that no other program locks in this database: "outbox" in ASCII.
_ADVISORY_LOCK = int.from_bytes(b"outbox")
# A half-open connection to PostgreSQL is found in about this time.
_KEEPALIVE = {
    "keepalives": 1,
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 7000,
    "connect_timeout": 5,
}
# A server at work notifies in milliseconds.
_NOTIFY_SECONDS = 3.0
# PRAGMA data_version reads a counter in shared memory: 50 looks a second are not noticeable.
_POLL_SECONDS = 0.02


class Leadership(Protocol):
    """The turn to publish. Both methods raise OperationalError when it is lost."""

    def acquire(self) -> bool:
        """Take the turn, or return False because another has it."""

    def wait(self, timeout: float) -> bool:
        """Wait for new outbox rows. Return False if none were seen in `timeout` seconds."""


@contextlib.contextmanager
def leadership() -> Iterator[Leadership]:
    """Compete for the turn to publish the outbox of the default database.

    Raise SessionNotKept where a pooler makes turns impossible.
    """
    competitor: _PostgreSQL | _SQLite
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        competitor = _PostgreSQL()
    else:
        competitor = _SQLite()
    try:
        yield competitor
    finally:
        competitor.close()


class _PostgreSQL:
    def __init__(self) -> None:
        parameters = connections[DEFAULT_DB_ALIAS].get_connection_params()
        for name in ("context", "cursor_factory", "prepare_threshold", "pool"):
            parameters.pop(name, None)  # Django's, not PostgreSQL's
        parameters = {**_KEEPALIVE, **parameters, "autocommit": True}
        self._connection = psycopg.connect(**parameters)
        try:
            self._see_that_session_is_kept(parameters)
        except BaseException:
            self._connection.close()
            raise
        self._readable = select.poll()
        self._readable.register(self._connection.fileno(), select.POLLIN)

    def _see_that_session_is_kept(self, parameters: dict[str, Any]) -> None:
        """Raise SessionNotKept unless a lock and a LISTEN last from one transaction to the next.

        A pooler shows: the process that serves us is not the one that we were told of. It will do
        if it keeps the session, as in PgBouncer's mode `session`: what we listen for then arrives.
        """
        serving = self._connection.execute("SELECT pg_backend_pid()").fetchone()
        if serving is not None and serving[0] == self._connection.info.backend_pid:
            return
        channel = f"messaging_{uuid.uuid4().hex}"
        self._connection.execute(f"LISTEN {channel}")
        with psycopg.connect(**parameters) as other:
            other.execute(f"NOTIFY {channel}")
        if not list(self._connection.notifies(timeout=_NOTIFY_SECONDS, stop_after=1)):
            raise SessionNotKept(
                "The database is reached through a pooler that gives a session to others between"
                " transactions (PgBouncer's pool_mode is transaction or statement). The relay needs"
                " a session of its own: set its DATABASE_URL to PostgreSQL itself, or to a pool of"
                " pool_mode = session."
            )

    def acquire(self) -> bool:
        row = self._connection.execute(
            "SELECT pg_try_advisory_lock(%s)", [_ADVISORY_LOCK]
        ).fetchone()
        if row is None or not row[0]:
            return False
        self._connection.execute(f"LISTEN {NOTIFY_CHANNEL}")
        return True

    def wait(self, timeout: float) -> bool:
        # psycopg's own wait looks up ten times a second, and is asked several times an event.
        if not self._readable.poll(timeout * 1000):
            return False
        link = self._connection.pgconn
        link.consume_input()  # raises if the connection is lost: that makes it readable, too
        notified = False
        while link.notifies() is not None:
            notified = True
        return notified

    def close(self) -> None:
        self._connection.close()


class _SQLite:
    def __init__(self) -> None:
        name = str(connections[DEFAULT_DB_ALIAS].settings_dict["NAME"])
        is_uri = name.startswith("file:")
        self._connection = sqlite3.connect(name, uri=is_uri, timeout=5, isolation_level=None)
        path = name.removeprefix("file:").partition("?")[0]
        self._lock = open(f"{path}.relay.lock", "wb")  # noqa: SIM115 - held until close()
        self._version = self._data_version()

    def acquire(self) -> bool:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while True:
            version = self._data_version()
            if version != self._version:
                self._version = version
                if self._has_rows():
                    return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)

    def _data_version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _has_rows(self) -> bool:
        table = OutboxEvent._meta.db_table
        query = f"SELECT EXISTS (SELECT 1 FROM {table})"  # noqa: S608 - our own table
        return bool(self._connection.execute(query).fetchone()[0])

    def close(self) -> None:
        self._connection.close()
        self._lock.close()
