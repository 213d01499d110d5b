"""What happens to the messages of a log in the file: they are kept, read, and forgotten in time."""

import sqlite3
from bisect import bisect_left

import orjson

from messaging.brokers.interface import Entry, Log
from messaging.events import Message

# Entries between one look for those that are too old and the next.
_ENTRIES_A_LOOK = 500


def declare(cursor: sqlite3.Cursor, log: Log) -> None:
    """Make the log, unless it is there."""
    bounds = [log.name, log.max_age.total_seconds(), log.max_bytes]
    cursor.execute("INSERT OR IGNORE INTO log VALUES (?, ?, ?)", bounds)


def is_log(cursor: sqlite3.Cursor, name: str) -> bool:
    """Return whether there is a log of that name."""
    return cursor.execute("SELECT 1 FROM log WHERE name = ?", [name]).fetchone() is not None


def append(cursor: sqlite3.Cursor, now: float, message: Message) -> None:
    """Write a message at the end of the log that its routing key names."""
    log = message.routing_key
    last = last_place(cursor, log)
    place = 0 if last is None else last + 1
    headers = orjson.dumps(dict(message.headers), default=str).decode()
    cursor.execute(
        "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            log, place, now, message.body, headers,
            message.message_id, message.type, message.content_type,
        ],
    )  # fmt: skip
    if place % _ENTRIES_A_LOOK == 0:
        _forget_oldest(cursor, log, now)


def last_place(cursor: sqlite3.Cursor, log: str) -> int | None:
    """Return the place of the last entry, which is never forgotten; None if there was none yet."""
    found = cursor.execute("SELECT max(place) FROM entry WHERE log = ?", [log]).fetchone()[0]
    return None if found is None else int(found)


def place_since(cursor: sqlite3.Cursor, name: str, since: float) -> int:
    """Return the place of the first entry that was written since then, or of the next to come."""
    first, last = cursor.execute(
        "SELECT min(place), max(place) FROM entry WHERE log = ?", [name]
    ).fetchone()
    if first is None:
        return 0

    def written(place: int) -> float:
        sql = "SELECT written FROM entry WHERE log = ? AND place = ?"
        return float(cursor.execute(sql, [name, place]).fetchone()[0])

    places = range(first, last + 1)  # without a gap, as the oldest are forgotten
    return int(first) + bisect_left(places, since, key=written)


def read(cursor: sqlite3.Cursor, log: str, start: int, most: int) -> list[Entry]:
    """Return up to `most` entries from that place on."""
    rows = cursor.execute(
        "SELECT place, body, headers, message_id, type, content_type FROM entry"
        " WHERE log = ? AND place >= ? ORDER BY place LIMIT ?",
        [log, start, most],
    )
    return [
        Entry(
            offset=row["place"],
            message=Message(
                exchange="",
                routing_key=log,
                body=bytes(row["body"]),
                headers=orjson.loads(row["headers"]),
                message_id=row["message_id"],
                type=row["type"],
                content_type=row["content_type"],
            ),
        )
        for row in rows.fetchall()
    ]


def _forget_oldest(cursor: sqlite3.Cursor, log: str, now: float) -> None:
    seconds, most = cursor.execute(
        "SELECT max_seconds, max_bytes FROM log WHERE name = ?", [log]
    ).fetchone()
    cursor.execute(
        "DELETE FROM entry WHERE log = ?1 AND place < (SELECT max(place) FROM entry WHERE log = ?1)"
        " AND (written < ?2 OR place IN (SELECT place FROM ("
        "SELECT place, sum(length(body)) OVER (ORDER BY place DESC) AS newer"
        " FROM entry WHERE log = ?1) WHERE newer > ?3))",
        [log, now - seconds, most],
    )
