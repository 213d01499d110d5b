"""A broker in a SQLite file: to try the product without RabbitMQ, and for fast tests.

It keeps the promises of the interface for processes of one machine. A subscriber holds a lock
on a file beside the database while it is the active one of its queue; the system frees it when
the process dies, however it dies, and the next one takes the dead one's messages over.
"""

import contextlib
import fcntl
import os
import re
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import orjson

from messaging.brokers.interface import Confirmation, Delivery, QueueState, Topology
from messaging.errors import BrokerUnavailable, NotOwned
from messaging.events import Message

# How often a waiting subscriber looks. A look is one PRAGMA, which reads a counter in memory.
POLL_SECONDS = 0.02
# How long one writer waits for another; a batch takes milliseconds.
LOCK_TIMEOUT_SECONDS = 10

_SCHEMA = """
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
"""
_COLUMNS = "exchange, routing_key, body, headers, message_id, type, content_type"


class EmbeddedBroker:
    """See `messaging.brokers.interface.Broker`. `url` is `sqlite:///path`."""

    def __init__(self, url: str) -> None:
        self._path = Path(url.removeprefix("sqlite:///"))

    def declare(self, topology: Topology) -> None:
        """See Broker."""
        main, dead = topology.queue, topology.dead_letter_queue
        queues = [(dead, None, None, None), (main, None, dead, topology.delivery_limit)]
        for delay in topology.retry_delays:
            queues.append((topology.retry_queue(delay), delay.total_seconds(), main, None))
        with contextlib.closing(_File(self._path)) as file, file.transaction() as cursor:
            cursor.executemany("INSERT OR IGNORE INTO queue VALUES (?, ?, ?, ?)", queues)
            cursor.executemany(
                "INSERT OR IGNORE INTO binding VALUES (?, ?, ?)",
                [(topology.exchange, main, pattern) for pattern in topology.bindings],
            )

    def publisher(self) -> "EmbeddedPublisher":
        """See Broker."""
        return EmbeddedPublisher(self._path)

    def subscriber(self, queue: str, prefetch: int) -> "EmbeddedSubscriber":
        """See Broker."""
        return EmbeddedSubscriber(self._path, queue, prefetch)

    def queue_state(self, queue: str) -> QueueState:
        """See Broker."""
        with contextlib.closing(_File(self._path)) as file, file.transaction() as cursor:
            if not cursor.execute("SELECT 1 FROM queue WHERE name = ?", [queue]).fetchone():
                raise BrokerUnavailable(f"there is no queue {queue}")
            ready, unacked = cursor.execute(
                "SELECT count(*) FILTER (WHERE NOT held), count(*) FILTER (WHERE held)"
                " FROM message WHERE queue = ?",
                [queue],
            ).fetchone()
        return QueueState(ready=ready, unacked=unacked, consumers=None)

    def purge(self, queue: str) -> None:
        """See Broker."""
        with contextlib.closing(_File(self._path)) as file, file.transaction() as cursor:
            cursor.execute("DELETE FROM message WHERE queue = ? AND NOT held", [queue])


class EmbeddedPublisher:
    """See `messaging.brokers.interface.Publisher`. A batch is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file: _File | None = None

    def open(self) -> None:
        """See Publisher."""
        with self._lock:
            self._opened()

    def send(self, messages: Sequence[Message]) -> "_Sent":
        """See Publisher."""
        now = time.time()
        with self._lock, self._opened().transaction() as cursor:
            for sent, message in enumerate(messages):
                queues = _targets(cursor, message)
                if not queues:
                    problem = f"{message.routing_key} returned: no queue takes it"
                    return _Sent(Confirmation(confirmed=sent, problem=problem))
                for queue, ttl in queues:
                    _insert(cursor, queue, now + (ttl or 0), message)
        return _Sent(Confirmation(confirmed=len(messages)))

    def blocked(self) -> str | None:
        """See Publisher. Nothing blocks this broker."""
        return None

    def close(self) -> None:
        """See Publisher."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _opened(self) -> "_File":
        if self._file is None:
            self._file = _File(self._path)
        return self._file


class _Sent:
    """A batch whose outcome is known."""

    def __init__(self, confirmation: Confirmation) -> None:
        self._confirmation = confirmation

    def done(self) -> bool:
        return True

    def wait(self, timeout: float) -> Confirmation:
        return self._confirmation


class EmbeddedSubscriber:
    """See `messaging.brokers.interface.Subscriber`."""

    def __init__(self, path: Path, queue: str, prefetch: int) -> None:
        self._path = path
        self._queue = queue
        self._prefetch = prefetch
        self._file: _File | None = None
        self._active: IO[bytes] | None = None
        self._held: set[int] = set()
        self._closed = threading.Event()

    def receive(self, most: int, timeout: float) -> list[Delivery]:
        """See Subscriber."""
        deadline = time.monotonic() + timeout
        version: int | None = None
        while not self._closed.is_set():
            if self._file is None:
                self._file = _File(self._path)
            changed = self._file.data_version()
            due = self._file.next_due(self._queue)
            if self._active or self._become_active():
                if changed != version or (due is not None and due <= time.time()):
                    version = changed
                    if taken := self._take(self._file, min(most, self._prefetch)):
                        return taken
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._closed.wait(min(POLL_SECONDS, left))
        return []

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """See Subscriber."""
        if not deliveries:
            return
        tags = [delivery.tag for delivery in deliveries]
        if self._file is None or not self._held.issuperset(tags):
            raise NotOwned("these deliveries were given back")
        with self._file.transaction() as cursor:
            cursor.executemany("DELETE FROM message WHERE id = ?", [(tag,) for tag in tags])
        self._held.difference_update(tags)

    def consuming(self) -> bool:
        """See Subscriber."""
        return self._file is not None and not self._closed.is_set()

    def close(self) -> None:
        """See Subscriber. What it held is given back by the one that follows it."""
        self._closed.set()
        self._held.clear()
        if self._active is not None:
            self._active.close()
            self._active = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def _become_active(self) -> bool:
        lock = open(f"{self._path}.{self._queue}.lock", "wb")  # noqa: SIM115 - held while active
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._active = lock
        assert self._file is not None  # noqa: S101 - receive() has opened it
        with self._file.transaction() as cursor:
            cursor.execute(
                "UPDATE message SET held = 0, deliveries = deliveries + 1"
                " WHERE queue = ? AND held",
                [self._queue],
            )
            _dead_letter_over_limit(cursor, self._queue)
        return True

    def _take(self, file: "_File", most: int) -> list[Delivery]:
        with file.transaction() as cursor:
            _move_due(cursor, self._queue)
            rows = cursor.execute(
                f"SELECT id, deliveries, {_COLUMNS} FROM message"  # noqa: S608 - constants
                " WHERE queue = ? AND NOT held ORDER BY id LIMIT ?",
                [self._queue, most],
            ).fetchall()
            for position, row in enumerate(rows):
                if row["deliveries"]:  # a dying process held it: it comes alone
                    rows = rows[: max(position, 1)]
                    break
            cursor.executemany("UPDATE message SET held = 1 WHERE id = ?", [(r["id"],) for r in rows])
        self._held.update(row["id"] for row in rows)
        return [_delivery(row) for row in rows]


class _File:
    """A connection to the broker's file. Every method may raise BrokerUnavailable."""

    def __init__(self, path: Path) -> None:
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode = WAL")
            # A confirmed message must outlive a power cut.
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_SCHEMA)

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

    def data_version(self) -> int:
        """A number that changes when another connection has written."""
        with self._translated():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def next_due(self, queue: str) -> float | None:
        """The time at which the next message that waits for `queue` may return to it."""
        with self._translated():
            row = self._connection.execute(
                "SELECT min(due) FROM message JOIN queue ON queue.name = message.queue"
                " WHERE queue.dead_letter_queue = ? AND queue.ttl IS NOT NULL",
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


def _targets(cursor: sqlite3.Cursor, message: Message) -> list[tuple[str, float | None]]:
    if not message.exchange:
        rows = cursor.execute("SELECT name, ttl FROM queue WHERE name = ?", [message.routing_key])
        return [(row["name"], row["ttl"]) for row in rows.fetchall()]
    rows = cursor.execute(
        "SELECT queue, pattern, ttl FROM binding JOIN queue ON queue.name = binding.queue"
        " WHERE exchange = ?",
        [message.exchange],
    )
    return list(
        {
            (row["queue"], row["ttl"])
            for row in rows.fetchall()
            if matches(row["pattern"], message.routing_key)
        }
    )


def matches(pattern: str, routing_key: str) -> bool:
    """Tell whether a topic pattern takes a routing key: `*` is one word, `#` any number."""
    expression = re.escape(pattern).replace(r"\*", r"[^.]+").replace(r"\#", r".*")
    expression = expression.replace(r".*\.", r"(?:.*\.)?").replace(r"\..*", r"(?:\..*)?")
    return re.fullmatch(expression, routing_key) is not None


def _insert(cursor: sqlite3.Cursor, queue: str, due: float, message: Message) -> None:
    cursor.execute(
        f"INSERT INTO message (queue, due, {_COLUMNS})"  # noqa: S608 - constants
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            queue, due, message.exchange, message.routing_key, message.body,
            orjson.dumps(dict(message.headers), default=str).decode(), message.message_id,
            message.type, message.content_type,
        ],
    )  # fmt: skip


def _move_due(cursor: sqlite3.Cursor, queue: str) -> None:
    """Bring the messages whose wait is over back, behind those that are there."""
    where = (
        "due <= ? AND queue IN"
        " (SELECT name FROM queue WHERE dead_letter_queue = ? AND ttl IS NOT NULL)"
    )
    _move(cursor, queue, where, [time.time(), queue])


def _dead_letter_over_limit(cursor: sqlite3.Cursor, queue: str) -> None:
    found = cursor.execute(
        "SELECT dead_letter_queue, delivery_limit FROM queue WHERE name = ?", [queue]
    ).fetchone()
    if found and found["dead_letter_queue"] and found["delivery_limit"] is not None:
        where = "queue = ? AND NOT held AND deliveries > ?"
        _move(cursor, found["dead_letter_queue"], where, [queue, found["delivery_limit"]])


def _move(cursor: sqlite3.Cursor, target: str, where: str, parameters: Sequence[Any]) -> None:
    cursor.execute(
        f"INSERT INTO message (queue, due, {_COLUMNS})"  # noqa: S608 - constants
        f" SELECT ?, due, {_COLUMNS} FROM message WHERE {where} ORDER BY id",
        [target, *parameters],
    )
    cursor.execute(
        f"DELETE FROM message WHERE {where} AND queue != ?",  # noqa: S608 - constants
        [*parameters, target],
    )


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        message=Message(
            exchange=row["exchange"],
            routing_key=row["routing_key"],
            body=bytes(row["body"]),
            headers=orjson.loads(row["headers"]),
            message_id=row["message_id"],
            type=row["type"],
            content_type=row["content_type"],
        ),
        redelivered=row["deliveries"] > 0,
        tag=row["id"],
        connection=os.getpid(),
    )
