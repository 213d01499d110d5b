"""Events of likes: the same messages for all that publish or consume them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bench.kit.stack import QUOTES
from messaging.events import Event, to_message

EXCHANGE = "events"
LIKED = "likes.like.created"
CHANGED = "quotes.quote.updated"


@dataclass(frozen=True)
class Messages:
    """So many events, and the file in which the peers find them as messages."""

    events: Sequence[Event]
    file: Path


def rows_of(events: Sequence[Event]) -> list[tuple[object, ...]]:
    """Return events as rows of the outbox."""
    return [
        (e.id, e.type, e.subject, orjson.dumps(e.data).decode(), e.traceparent, e.time)
        for e in events
    ]


def messages(file: Path, count: int, *, quotes: int = QUOTES) -> Messages:
    """Make events of likes, evenly of so many quotes, and write the file."""
    events = [_like(number, 1 + number % quotes) for number in range(count)]
    wire = [to_message(event, EXCHANGE) for event in events]
    file.write_bytes(
        orjson.dumps(
            [
                {"routing_key": m.routing_key, "body": m.body.decode(), "headers": m.headers,
                 "message_id": m.message_id, "type": m.type}
                for m in wire
            ]
        )
    )  # fmt: skip
    return Messages(events, file)


def changes(count: int, *, quotes: int = QUOTES) -> list[Event]:
    """Make events of changed quotes, evenly of so many."""
    return [_change(number, 1 + number % quotes) for number in range(count)]


def _like(number: int, quote_id: int) -> Event:
    now = datetime.now(UTC).isoformat()
    data = {"quote_id": quote_id, "user_id": number + 1, "created_at": now}
    return _event(number, quote_id, LIKED, "/likes", data)


def _change(number: int, quote_id: int) -> Event:
    now = datetime.now(UTC).isoformat()
    data = {"id": quote_id, "title": f"Quote {number}", "author": "", "version": number + 2}
    data |= {"created_by": None, "created_at": now, "updated_at": now}
    return _event(number, quote_id, CHANGED, "/quotes", data)


def _event(number: int, quote_id: int, kind: str, source: str, data: dict[str, object]) -> Event:
    return Event(
        type=kind,
        source=source,
        subject=f"quotes/{quote_id}",
        data=data,
        time=datetime.now(UTC),
        sequence=number + 1,
        dataschema=f"urn:schema:{kind}",
        traceparent=f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-01",
    )
