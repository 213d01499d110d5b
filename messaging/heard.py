"""What was heard of each source: the greatest sequence of its events that were handled here.

A source that was restored from a backup asks for it, since its own books have lost it.
"""

from collections.abc import Sequence

from django.db import connection

from database.rows import rows_as_table
from messaging.events import Event
from messaging.models import HeardSource

# No outbox of ours comes near. A foreign message must not use up the numbers that are left.
GREATEST = 2**60


def note(events: Sequence[Event]) -> None:
    """Note the greatest sequence of each source. Call it in the transaction that handles them."""
    greatest: dict[str, int] = {}
    for event in events:
        if event.sequence <= GREATEST:
            greatest[event.source] = max(event.sequence, greatest.get(event.source, 0))
    if not greatest:
        return
    given, parameters = rows_as_table(sorted(greatest.items()), ["text", "bigint"])
    table = HeardSource._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS known (source, sequence)"  # noqa: S608 - no input
            f" SELECT column1, column2 FROM {given} WHERE true ON CONFLICT (source)"
            " DO UPDATE SET sequence = excluded.sequence"
            " WHERE known.sequence < excluded.sequence",
            parameters,
        )


def heard_of(source: str) -> int:
    """Return the greatest sequence that was heard of a source, 0 if nothing was."""
    rows = HeardSource.objects.filter(source=source).values_list("sequence", flat=True)
    return rows.first() or 0
