"""The idempotent inbox: an event is handled once, however often it is delivered.

The row that says "handled" commits with the effect of the handler: neither can be there
without the other.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.utils import timezone

from database.rows import rows_as_table
from messaging.events import Event
from messaging.models import InboxEvent


def take(events: Sequence[Event]) -> list[Event]:
    """Enter the events, and return those that were not handled before, in their order.

    Call it in the transaction that handles them. A second process that takes one of them at
    the same time waits for this transaction, and then knows it as handled.
    """
    by_key = {(event.id, event.source): event for event in reversed(events)}
    if not by_key:
        return []
    # In one order, so that two processes with the same events can't wait for each other.
    keys = sorted(by_key)
    given, parameters = rows_as_table(keys, ["text", "text"])
    table = InboxEvent._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (event_id, source, handled_at)"  # noqa: S608 - no input
            f" SELECT column1, column2, %s FROM {given} WHERE true"
            " ON CONFLICT DO NOTHING RETURNING event_id, source",
            [timezone.now(), *parameters],
        )
        new = {(row[0], row[1]) for row in cursor.fetchall()}
    taken = []
    for event in events:
        key = (event.id, event.source)
        if key in new:
            new.remove(key)
            taken.append(event)
    return taken


def prune(before: datetime, most: int) -> int:
    """Forget up to `most` of the events that were handled before a time. Return how many."""
    rows = InboxEvent.objects.filter(handled_at__lt=before).order_by("handled_at")
    ids = list(rows.values_list("id", flat=True)[:most])
    if ids:
        InboxEvent.objects.filter(id__in=ids).delete()
    return len(ids)
