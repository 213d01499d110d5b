"""What happens to messages in the file: routing, waiting, coming back, dead-lettering."""

import os
import re
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

import orjson

from messaging.brokers.interface import Delivery
from messaging.events import Message

# The columns of a message as it was published.
_COLUMNS = "exchange, routing_key, body, headers, message_id, type, content_type"


def targets(cursor: sqlite3.Cursor, message: Message) -> list[tuple[str, float | None]]:
    """Return the queues that take a message, and how long it waits in each (seconds or None)."""
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
    """Return whether a topic pattern takes a routing key: `*` is one word, `#` any number."""
    expression = re.escape(pattern).replace(r"\*", r"[^.]+").replace(r"\#", r".*")
    expression = expression.replace(r".*\.", r"(?:.*\.)?").replace(r"\..*", r"(?:\..*)?")
    return re.fullmatch(expression, routing_key) is not None


def insert(cursor: sqlite3.Cursor, queue: str, due: float, message: Message) -> None:
    """Put a message at the end of a queue. From a waiting queue it returns at time `due`."""
    cursor.execute(
        f"INSERT INTO message (queue, due, {_COLUMNS})"  # noqa: S608 - constants
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            queue, due, message.exchange, message.routing_key, message.body,
            orjson.dumps(dict(message.headers), default=str).decode(), message.message_id,
            message.type, message.content_type,
        ],
    )  # fmt: skip


def move_due(cursor: sqlite3.Cursor, queue: str) -> None:
    """Bring the messages whose wait is over back, behind those that are there."""
    where = (
        "due <= ? AND queue IN"
        " (SELECT name FROM queue WHERE dead_letter_queue = ? AND ttl IS NOT NULL)"
    )
    _move(cursor, queue, where, [time.time(), queue])


def dead_letter_over_limit(cursor: sqlite3.Cursor, queue: str) -> None:
    """Move away the messages that came back from dead processes too often."""
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


def take(cursor: sqlite3.Cursor, queue: str, most: int) -> list[Delivery]:
    """Mark the first `most` messages as held, and return them. A redelivered one comes alone."""
    rows = cursor.execute(
        f"SELECT id, deliveries, {_COLUMNS} FROM message"  # noqa: S608 - constants
        " WHERE queue = ? AND NOT held ORDER BY id LIMIT ?",
        [queue, most],
    ).fetchall()
    for position, row in enumerate(rows):
        if row["deliveries"]:
            rows = rows[: max(position, 1)]
            break
    ids = [(row["id"],) for row in rows]
    cursor.executemany("UPDATE message SET held = 1 WHERE id = ?", ids)
    return [_delivery(row) for row in rows]


def give_back_held(cursor: sqlite3.Cursor, queue: str) -> None:
    """Have what a dead process held delivered again, ahead of what came later."""
    cursor.execute(
        "UPDATE message SET held = 0, deliveries = deliveries + 1 WHERE queue = ? AND held",
        [queue],
    )
    dead_letter_over_limit(cursor, queue)


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
