"""The journal: what became of each event here, for those who look for one.

The outbox forgets an event once it is confirmed, and the inbox knows an id and nothing else. So
the relay and the consumer note what these don't keep, in a statement a batch: of which subject and
trace an event is, and when it was sent, confirmed, delivered and handled. The newest
`JOURNAL_EVENTS` are kept.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction

from messaging.brokers.interface import Delivery
from messaging.conf import messaging_settings
from messaging.dead_letters import storable
from messaging.events import (
    ID_HEADER,
    SOURCE_HEADER,
    SUBJECT_HEADER,
    TRACEPARENT_HEADER,
    Event,
)
from messaging.models import JournalEntry, OutboxEvent
from messaging.outbox import among
from observability.trace import is_traceparent, trace_id

MOST_DETAIL = 1000  # characters
Step = JournalEntry.Step


class Confirmed(NamedTuple):
    """Rows of the outbox that were sent together and are confirmed."""

    ids: Sequence[int]
    sent_at: datetime
    confirmed_at: datetime


def move(batches: Sequence[Confirmed]) -> None:
    """Move rows that the broker has confirmed from the outbox to the journal.

    The times are written once a batch, not once a row: that would be a tenth of the relay's work.
    """
    conditions, ids = zip(*(among(batch.ids) for batch in batches), strict=True)
    condition = " OR ".join(f"({each})" for each in conditions)
    whens = " ".join(f"WHEN {each} THEN %s" for each in conditions)
    sent_at = [[*own, _moment(batch.sent_at)] for own, batch in zip(ids, batches, strict=True)]
    confirmed_at = [
        [*own, _moment(batch.confirmed_at)] for own, batch in zip(ids, batches, strict=True)
    ]
    insertion = (
        f"INSERT INTO {_JOURNAL} ({_COLUMNS})"
        f" SELECT '{Step.PUBLISHED}', event_id, %s, type, key, substr(traceparent, 4, 32),"
        f" created_at, CASE {whens} END, CASE {whens} END"
    )
    inserted = [messaging_settings().source, *chain(*sent_at), *chain(*confirmed_at)]
    removed = list(chain(*ids))
    if connection.vendor == "postgresql":
        # Not waiting for the disk: a deletion that is lost has an event sent again, which is
        # harmless. (Several statements at once, since psycopg puts the parameters in itself.)
        statement = (
            "SET LOCAL synchronous_commit = off;"  # noqa: S608 - no input
            f" WITH gone AS (DELETE FROM {_OUTBOX} WHERE {condition} RETURNING {_KEPT})"
            f" {insertion} FROM gone"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [*removed, *inserted])
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"{insertion} FROM {_OUTBOX} WHERE {condition} ORDER BY id", [*inserted, *removed]
        )
        cursor.execute(f"DELETE FROM {_OUTBOX} WHERE {condition}", removed)  # noqa: S608 - no input


def note_handled(events: Sequence[Event], delivered_at: datetime, now: datetime) -> None:
    """Note that events are handled. Call it in the transaction that handles them.

    They are given as JSON, which costs a quarter of what a parameter or an array of texts does.
    """
    if not events:
        return
    latest = now.timestamp()
    rows = [
        (
            event.id,
            event.source,
            event.type,
            _short(event.subject),
            event.traceparent[3:35],
            _believable(event.time.timestamp(), latest),
        )
        for event in events
    ]
    selected = _FROM_JSON[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_JOURNAL} ({_COLUMNS}) {selected}",
            [_moment(delivered_at), _moment(now), orjson.dumps(rows).decode()],
        )


def note_trouble(
    step: JournalEntry.Step,
    delivery: Delivery,
    event: Event | None,
    delivered_at: datetime,
    now: datetime,
    detail: str,
) -> None:
    """Note that a message failed or was parked. What names no event is a dead letter alone."""
    headers = delivery.message.headers
    if not headers.get(ID_HEADER) or not headers.get(SOURCE_HEADER):
        return
    traceparent = headers.get(TRACEPARENT_HEADER)
    JournalEntry.objects.create(
        step=step,
        event_id=_short(str(headers[ID_HEADER])),
        source=_short(str(headers[SOURCE_HEADER])),
        type=_short(delivery.message.type or delivery.message.routing_key),
        subject=_short(str(headers.get(SUBJECT_HEADER, ""))),
        trace_id=trace_id(str(traceparent)) if is_traceparent(traceparent) else "",
        written_at=_time_of(event, now) if event else delivered_at,
        begun_at=delivered_at,
        ended_at=now,
        detail=storable(detail)[:MOST_DETAIL],
    )


def prune(most: int) -> bool:
    """Forget some `most` of the entries that are not among the newest. Return if there are more."""
    # Asked for both at once, SQLite would read all rows.
    table = JournalEntry._meta.db_table
    ends = f"SELECT (SELECT min(id) FROM {table}), (SELECT max(id) FROM {table})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(ends)
        oldest, newest = cursor.fetchone()
    if oldest is None:
        return False
    last = newest - messaging_settings().journal_events
    step = min(last, oldest + most - 1)
    if oldest <= last:
        JournalEntry.objects.filter(id__lte=step).delete()
    return bool(step < last)


def _moment(time: datetime) -> Any:
    """Return a time as a parameter of a statement."""
    return connection.ops.adapt_datetimefield_value(time)


def _short(text: str) -> str:
    if text.isascii() and text.isprintable() and len(text) <= 255:
        return text
    return storable(text)[:255]


def _believable(timestamp: float, now: float) -> float:
    """Return a stranger's time, unless the databases or Python could not read it back."""
    return timestamp if 0 <= timestamp < _LAST_TIMESTAMP else now


def _time_of(event: Event, now: datetime) -> datetime:
    believable = _believable(event.time.timestamp(), now.timestamp())
    return datetime.fromtimestamp(believable, UTC)


_OUTBOX = OutboxEvent._meta.db_table
_JOURNAL = JournalEntry._meta.db_table
_KEPT = "id, event_id, type, key, traceparent, created_at"
_COLUMNS = "step, event_id, source, type, subject, trace_id, written_at, begun_at, ended_at"
_LAST_TIMESTAMP = datetime(9998, 1, 1, tzinfo=UTC).timestamp()
# The rows of a JSON array of arrays, with what is the same for all.
_FROM_JSON = {
    "postgresql": (
        f"SELECT '{Step.HANDLED}', e->>0, e->>1, e->>2, e->>3, e->>4,"  # noqa: S608 - no input
        " to_timestamp((e->>5)::float8), %s, %s FROM json_array_elements(%s::json) AS e"
    ),
    "sqlite": (
        f"SELECT '{Step.HANDLED}', value->>0, value->>1, value->>2, value->>3,"  # noqa: S608 - no input
        " value->>4, strftime('%%Y-%%m-%%d %%H:%%M:%%f', value->>5, 'unixepoch'), %s, %s"
        " FROM json_each(%s)"
    ),
}
