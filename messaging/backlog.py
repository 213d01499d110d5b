"""What waits for its relay or consumer, or for an operator, as the metrics have it."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from messaging import awaited
from messaging.models import DeadLetter, OutboxEvent
from messaging.outbox import FREE, free_at
from messaging.set_aside import count_set_aside
from observability.metrics import (
    DEAD_LETTERS,
    OUTBOX_AGE,
    OUTBOX_EVENTS,
    OUTBOX_SET_ASIDE,
    RETRIES_OVERDUE,
    Reading,
)


def oldest_unsent(now: datetime) -> datetime | None:
    """Return when the oldest event was written that waits in the outbox, held up by nothing."""
    free = RawSQL(FREE, free_at(now), BooleanField())  # noqa: S611 - no input
    rows = OutboxEvent.objects.alias(free=free).filter(free=True).order_by("id")
    return rows.values_list("created_at", flat=True).first()


def count_parked() -> int:
    """Return how many dead letters are parked."""
    return DeadLetter.objects.filter(state=DeadLetter.State.PARKED).count()


def read_outbox() -> Iterator[Reading]:
    """Give what the relay has before it. For a thread that has no use for its connection after."""
    try:
        now = timezone.now()
        oldest = oldest_unsent(now)
        age = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
        yield OUTBOX_AGE, (), age
        yield OUTBOX_EVENTS, (), OutboxEvent.objects.count()
        yield OUTBOX_SET_ASIDE, (), count_set_aside()
    finally:
        connection.close()


def read_failed() -> Iterator[Reading]:
    """Give what the consumer could not handle, as `read_outbox` does."""
    try:
        yield DEAD_LETTERS, (), count_parked()
        yield RETRIES_OVERDUE, (), awaited.overdue(timezone.now())
    finally:
        connection.close()
