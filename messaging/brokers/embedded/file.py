"""The SQLite file: its tables, and connections to it."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from database.files import keep_private
from messaging.errors import BrokerUnavailable

# How long one writer waits for another; a batch takes milliseconds.
LOCK_TIMEOUT_SECONDS = 10

SCHEMA = """
CREATE TABLE IF NOT EXISTS queue (
    name TEXT PRIMARY KEY, ttl REAL, dead_letter_queue TEXT, delivery_limit INTEGER
);
CREATE TABLE IF NOT EXISTS binding (
    exchange TEXT, queue TEXT, pattern TEXT, PRIMARY KEY (exchange, queue, pattern)
);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, exchange TEXT, routing_key TEXT,
    body BLOB, headers TEXT, message_id TEXT, type TEXT, content_type TEXT,
    due REAL NOT NULL, held INTEGER NOT NULL DEFAULT 0, deliveries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS message_queue ON message (queue, held, id);
CREATE INDEX IF NOT EXISTS message_due ON message (queue, due);
CREATE TABLE IF NOT EXISTS log (name TEXT PRIMARY KEY, max_seconds REAL, max_bytes INTEGER);
CREATE TABLE IF NOT EXISTS entry (
    log TEXT, place INTEGER, written REAL NOT NULL, body BLOB, headers TEXT,
    message_id TEXT, type TEXT, content_type TEXT, PRIMARY KEY (log, place)
) WITHOUT ROWID;
"""


class File:
    """A connection to the broker's file. Every method may raise BrokerUnavailable."""

    def __init__(self, path: Path) -> None:
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            keep_private(path)
            self._connection = sqlite3.connect(
                path, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode = WAL")
            # A confirmed message must outlive a power cut.
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(SCHEMA)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Cursor]:
        """A write transaction, committed at the end of the block."""
        with self._translated():
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """Read what is committed at the begin of the block, and hold up no writer."""
        with self._translated():
            cursor = self._connection.cursor()
            cursor.execute("BEGIN")
            try:
                yield cursor
            finally:
                cursor.execute("ROLLBACK")

    def data_version(self) -> int:
        """A number that changes when another connection has written."""
        with self._translated():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def next_due(self, queue: str) -> float | None:
        """The time at which the next message that waits for `queue` may return to it."""
        with self._translated():
            row = self._connection.execute(
                "SELECT min((SELECT min(due) FROM message WHERE message.queue = queue.name))"
                " FROM queue WHERE dead_letter_queue = ? AND ttl IS NOT NULL",
                [queue],
            ).fetchone()
        return None if row[0] is None else float(row[0])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise BrokerUnavailable(f"embedded broker: {error}") from error
