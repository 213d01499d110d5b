"""The transactional outbox: an event is written with the change that it is about, published later.

A service without it loses the event if it publishes after its commit and dies in between. If it
publishes before, it announces changes that may be rolled back.
"""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NamedTuple

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.utils import timezone
from msgspec.structs import replace

from messaging import faults
from messaging.conf import messaging_settings
from messaging.errors import InvalidEvent, OutsideTransaction
from messaging.events import MAX_DATA_BYTES, Event, Message, Payload, to_message
from messaging.models import OutboxEvent
from messaging.schemas import check_data, schema_address
from observability.trace import current_traceparent, part_of_trace


def publish(payload: Payload) -> Event:
    """Write an event to the outbox, to be published if and when the transaction commits.

    Call it after the change of the row that it is about: the row's lock then makes the order
    of the outbox the order of the commits. Raise OutsideTransaction with no transaction open,
    and InvalidEvent if the data does not fit its schema or is over MAX_DATA_BYTES.
    """
    return publish_all([payload])[0]


def publish_all(payloads: Sequence[Payload]) -> list[Event]:
    """Write events as `publish` does, in their order and all in one statement."""
    _check_transaction({payload.type for payload in payloads})
    encoded = [_encoded(payload) for payload in payloads]
    if not payloads:
        return []
    with part_of_trace(f"create {payloads[0].type}", "PRODUCER"):
        return _inserted(payloads, encoded)


def publish_selected(
    event_class: type[Payload], select: str, subject: str, parameters: Sequence[Any]
) -> None:
    """Write an event for each row of a SELECT, as `publish` does. The database makes them.

    The columns are the fields of `event_class`, `subject` is an expression of them. For many rows
    this process is busy for less than a tenth as long as with `publish_all`. Nothing is checked by
    its schema: it is for numbers that the database has counted. The rows must be locked, as those
    that were changed are.
    Raise OutsideTransaction as `publish` does.
    """
    _check_transaction({event_class.type})
    members = ", ".join(f"'{each.name}', found.{each.name}" for each in fields(event_class))
    data = f"{_MAKE_OBJECT[connection.vendor]}({members})"
    with part_of_trace(f"create {event_class.type}", "PRODUCER"), connection.cursor() as cursor:
        faults.reach("before_outbox_insert")
        cursor.execute(
            f'INSERT INTO "{_TABLE}" (event_id, type, key, data, traceparent, created_at)'  # noqa: S608
            f" SELECT CAST(gen_random_uuid() AS text), %s, {subject}, {data}, %s, %s"
            f" FROM ({select}) AS found",
            [
                event_class.type,
                current_traceparent() or "",
                connection.ops.adapt_datetimefield_value(timezone.now()),
                *parameters,
            ],
        )
        faults.reach("before_commit")


def _check_transaction(types: Collection[str]) -> None:
    if not connections[DEFAULT_DB_ALIAS].in_atomic_block:
        raise OutsideTransaction(f"publish({', '.join(sorted(types))}) needs an open transaction")


def _inserted(
    payloads: Sequence[Payload], encoded: Sequence[tuple[dict[str, Any], bytes]]
) -> list[Event]:
    events = [
        Event(
            type=payload.type,
            source=messaging_settings().source,
            subject=payload.subject,
            data=data,
            dataschema=schema_address(payload.type),
            traceparent=current_traceparent() or "",
        )
        for payload, (data, _) in zip(payloads, encoded, strict=True)
    ]
    faults.reach("before_outbox_insert")
    rows = OutboxEvent.objects.bulk_create(
        OutboxEvent(
            event_id=event.id,
            type=event.type,
            key=event.subject,
            data=text.decode(),
            traceparent=event.traceparent,
            created_at=timezone.now(),
        )
        for event, (_, text) in zip(events, encoded, strict=True)
    )
    faults.reach("before_commit")
    return [replace(event, sequence=row.id) for event, row in zip(events, rows, strict=True)]


def _encoded(payload: Payload) -> tuple[dict[str, Any], bytes]:
    data = payload.data()
    check_data(payload.type, data)
    try:
        encoded = orjson.dumps(data)
    except TypeError as error:  # a lone surrogate, or a type that JSON does not have
        raise InvalidEvent(f"the data can't be written as JSON: {error}") from error
    if len(encoded) > MAX_DATA_BYTES:
        raise InvalidEvent(f"the data is {len(encoded)} bytes, over {MAX_DATA_BYTES}")
    return data, encoded


class OutboxRow(NamedTuple):
    """A row of the outbox as the relay reads it: 500 at a time, so no model instances."""

    id: int
    event_id: str
    type: str
    key: str
    data: str
    traceparent: str
    created_at: str


def unsent(most: int, besides: Collection[int] = ()) -> list[OutboxRow]:
    """Read the oldest `most` rows that are not among `besides`, in outbox order.

    Those set aside, and those behind them of the same subject, are left out until it is time to try
    again.
    """
    condition, parameters = among(besides)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM {_TABLE}"  # noqa: S608 - no input
            f" WHERE NOT ({condition}) AND {FREE} ORDER BY id LIMIT %s",
            [*parameters, *free_at(timezone.now()), most],
        )
        return [OutboxRow._make(row) for row in cursor.fetchall()]


def messages_of(rows: Sequence[OutboxRow]) -> list[Message]:
    """Encode rows for the wire."""
    settings = messaging_settings()
    return [_message(row, settings.source, settings.exchange) for row in rows]


def _message(row: OutboxRow, source: str, exchange: str) -> Message:
    event = Event(
        id=row.event_id,
        type=row.type,
        source=source,
        subject=row.key,
        data={},
        time=_time(row.created_at),
        sequence=row.id,
        dataschema=schema_address(row.type),
        traceparent=row.traceparent,
    )
    return to_message(event, exchange, body=row.data.encode())


def free_at(now: datetime) -> list[Any]:
    """Return the parameters of FREE."""
    return [connection.ops.adapt_datetimefield_value(now)]


def among(ids: Collection[int]) -> tuple[str, list[Any]]:
    """Return a condition that rows of these ids meet, and its parameters.

    Most follow one another: a range costs less than its numbers.
    """
    runs: list[tuple[int, int]] = []
    for number in sorted(ids):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    # SQLite takes a thousand conditions joined by OR: short runs go into one list.
    short = [n for first, last in runs if last - first < _SHORT for n in range(first, last + 1)]
    long = [run for run in runs if run[1] - run[0] >= _SHORT]
    conditions = ["id BETWEEN %s AND %s"] * len(long)
    if short:
        conditions.append(f"id IN ({', '.join(['%s'] * len(short))})")
    return " OR ".join(conditions) or "false", [*chain(*long), *short]


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


_TABLE = OutboxEvent._meta.db_table
_MAKE_OBJECT = {"postgresql": "json_build_object", "sqlite": "json_object"}
# Times as texts: SQLite has nothing else, and psycopg takes long over theirs.
_COLUMNS = ", ".join([*OutboxRow._fields[:-1], "CAST(created_at AS text)"])
_SHORT = 8
# Of a row of the outbox: that neither it, nor an earlier one of its subject, is set aside now. It
# is written so that PostgreSQL looks by the index for each row, and expects nearly all to be free.
# An EXISTS is planned as a join, by statistics of a time when none was aside: then it is quadratic.
FREE = (
    f"COALESCE((SELECT 1 FROM {_TABLE} AS aside WHERE aside.key = {_TABLE}.key"  # noqa: S608 - ours
    f" AND aside.id <= {_TABLE}.id AND aside.set_aside_at IS NOT NULL"
    " AND (aside.try_again_at IS NULL OR aside.try_again_at > %s) LIMIT 1), 0) <> 1"
)
