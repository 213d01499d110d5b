"""The journal: what became of each event here, for those who look for one.

The outbox forgets an event once it is confirmed, and the inbox knows an id and nothing else. So
the relay and the consumer note what these don't keep, in a statement a batch: of which subject and
trace an event is, and when it was sent, confirmed, delivered and handled. The newest
`JOURNAL_EVENTS` are kept.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Max

from database.rows import rows_as_table
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


class Published(NamedTuple):
    """A row of the outbox that the broker has confirmed. The times are as `moment` gives them."""

    id: int
    sent_at: str
    confirmed_at: str


def moment(time: datetime) -> str:
    """Return a time as this database reads it in a statement."""
    return str(connection.ops.adapt_datetimefield_value(time))


def move(published: Sequence[Published]) -> None:
    """Move rows that the broker has confirmed from the outbox to the journal."""
    given, times = rows_as_table(published, ["bigint", "timestamptz", "timestamptz"])
    condition, ids = among([row.id for row in published])
    source = messaging_settings().source
    columns = (
        f"SELECT '{Step.PUBLISHED}', event_id, %s, type, key, substr(traceparent, 4, 32),"
        " created_at, column2, column3"
    )
    if connection.vendor == "postgresql":
        # Not waiting for the disk: a deletion that is lost has an event sent again, which is
        # harmless. (Several statements at once, since psycopg puts the parameters in itself.)
        statement = (
            "SET LOCAL synchronous_commit = off;"  # noqa: S608 - no input
            f" WITH gone AS (DELETE FROM {_OUTBOX} WHERE {condition} RETURNING {_KEPT})"
            f" INSERT INTO {_JOURNAL} ({_COLUMNS}) {columns}"
            f" FROM gone JOIN {given} ON gone.id = column1 ORDER BY column1"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [*ids, source, *times])
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_JOURNAL} ({_COLUMNS}) {columns}"
            f" FROM {given} JOIN {_OUTBOX} ON id = column1 ORDER BY column1",
            [source, *times],
        )
        cursor.execute(f"DELETE FROM {_OUTBOX} WHERE {condition}", ids)  # noqa: S608 - no input


def note_handled(events: Sequence[Event], delivered_at: datetime, now: datetime) -> None:
    """Note that events are handled. Call it in the transaction that handles them."""
    if not events:
        return
    given, parameters = rows_as_table(
        [
            (
                event.id,
                event.source,
                event.type,
                _short(event.subject),
                trace_id(event.traceparent),
                moment(_believable(event.time, now)),
            )
            for event in events
        ],
        ["text"] * 5 + ["timestamptz"],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_JOURNAL} ({_COLUMNS})"  # noqa: S608 - no input
            f" SELECT '{Step.HANDLED}', column1, column2, column3, column4, column5, column6,"
            f" %s, %s FROM {given}",
            [moment(delivered_at), moment(now), *parameters],
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
        written_at=_believable(event.time, now) if event else delivered_at,
        begun_at=delivered_at,
        ended_at=now,
        detail=storable(detail)[:MOST_DETAIL],
    )


def prune(most: int) -> int:
    """Forget up to `most` of the entries that are not among the newest. Return how many."""
    newest = JournalEntry.objects.aggregate(newest=Max("id"))["newest"] or 0
    rows = JournalEntry.objects.filter(id__lte=newest - messaging_settings().journal_events)
    ids = list(rows.order_by("id").values_list("id", flat=True)[:most])
    if ids:
        JournalEntry.objects.filter(id__range=(ids[0], ids[-1])).delete()
    return len(ids)


def _short(text: str) -> str:
    if text.isascii() and text.isprintable() and len(text) <= 255:
        return text
    return storable(text)[:255]


def _believable(time: datetime, now: datetime) -> datetime:
    """Return a stranger's time, unless the databases or Python could not read it back."""
    return time if 1970 <= time.year < 9999 else now


_OUTBOX = OutboxEvent._meta.db_table
_JOURNAL = JournalEntry._meta.db_table
_KEPT = "id, event_id, type, key, traceparent, created_at"
_COLUMNS = "step, event_id, source, type, subject, trace_id, written_at, begun_at, ended_at"
