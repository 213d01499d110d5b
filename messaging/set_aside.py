"""Events that the broker refuses are set aside, so that they hold up none but their own subject's.

The order of what concerns one subject is kept: its later events wait behind the one set aside. What
may pass by itself (a return, a nack) is tried again from time to time. What can't (too large, not
to be written) waits until an operator has it sent again, or discards it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from messaging import outbox
from messaging.brokers.interface import Delivery, Refusal
from messaging.dead_letters import park
from messaging.models import DeadLetter, OutboxEvent

log = structlog.get_logger(__name__)

# How often an event is refused before it is set aside.
REFUSALS = 3
# When it is tried again: soon at first, since a consumer makes a lost binding anew within half a
# minute, and more seldom the longer it is refused.
FIRST_TRY = timedelta(seconds=20)
LAST_TRY = timedelta(minutes=10)


class Refusals:
    """Counts how often each event was refused, and sets aside what is refused again and again."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._known: set[tuple[str, str]] = set()
        self._due: dict[int, Refusal] = {}

    def add(self, rows: Sequence[outbox.OutboxRow], refused: Mapping[int, Refusal]) -> None:
        """Count refusals, by the place of their rows."""
        for place, refusal in refused.items():
            row = rows[place]
            self._counts[row.id] += 1
            # Of what was refused for the same reason the next need not be tried as often: the line
            # would wait for each of them.
            kind = (row.type, refusal.reason.partition(" - ")[0][:300])
            if self._counts[row.id] >= REFUSALS or kind in self._known:
                self._known.add(kind)
                self._due[row.id] = refusal

    def set_aside(self) -> bool:
        """Set aside what was refused often enough. Return whether there was any."""
        due, self._due = self._due, {}
        if not due:
            return False
        _set_aside(due)
        for number in due:
            del self._counts[number]
        return True


def _set_aside(refused: Mapping[int, Refusal]) -> None:
    now = timezone.now()
    events = list(OutboxEvent.objects.filter(pk__in=list(refused)).order_by("id"))
    for event in events:
        refusal = refused[event.pk]
        event.refusal = refusal.reason
        event.set_aside_at = event.set_aside_at or now
        event.try_again_at = None if refusal.lasting else now + _wait(now - event.set_aside_at)
        log.error(
            "event_set_aside",
            outbox_id=event.pk,
            event_id=event.event_id,
            subject=event.key,
            trace_id=event.traceparent[3:35],
            reason=refusal.reason,
            try_again_at=event.try_again_at,
        )
    OutboxEvent.objects.bulk_update(events, ["refusal", "set_aside_at", "try_again_at"], 500)


def _wait(age: timedelta) -> timedelta:
    return min(max(FIRST_TRY, age / 10), LAST_TRY)


def events_set_aside() -> QuerySet[OutboxEvent]:
    """Return the events that are set aside, oldest first; not those that wait behind them."""
    return OutboxEvent.objects.filter(set_aside_at__isnull=False).order_by("id")


def count_set_aside() -> int:
    """Return how many events are set aside."""
    return events_set_aside().count()


def count_behind(event: OutboxEvent) -> int:
    """Return how many later events of its subject wait for one that is set aside."""
    behind = OutboxEvent.objects.filter(key=event.key, id__gt=event.pk, set_aside_at__isnull=True)
    return behind.count()


def send_again(events: Iterable[OutboxEvent]) -> list[int]:
    """Have the relay try them with its next look. Return their ids; one refused again stays."""
    ids = [event.pk for event in events]
    events_set_aside().filter(pk__in=ids).update(try_again_at=timezone.now())
    log.info("events_sent_again", outbox_ids=ids)
    return ids


def discard(events: Iterable[OutboxEvent]) -> list[int]:
    """Give events up, and let those behind them go on. Return their ids.

    Each is kept as a dead letter that is discarded, as the record of what was given up and when.
    """
    done = []
    for event in events:
        if _discard(event, timezone.now()):
            done.append(event.pk)
    log.warning("events_discarded", outbox_ids=done)
    return done


def _discard(event: OutboxEvent, now: datetime) -> bool:
    with transaction.atomic():
        row = events_set_aside().filter(pk=event.pk).select_for_update().first()
        if row is None:  # it was published meanwhile
            return False
        message = outbox.messages_of([_as_relay_reads(row)])[0]
        delivery = Delivery(message=message, redelivered=False, tag=0, connection=0)
        letter = park(delivery, DeadLetter.Reason.REFUSED, row.refusal or "")
        letter.state, letter.closed_at = DeadLetter.State.DISCARDED, now
        letter.save(update_fields=["state", "closed_at"])
        row.delete()
    return True


def _as_relay_reads(event: OutboxEvent) -> outbox.OutboxRow:
    return outbox.OutboxRow(
        id=event.pk,
        event_id=event.event_id,
        type=event.type,
        key=event.key,
        data=event.data,
        traceparent=event.traceparent,
        created_at=event.created_at.isoformat(),
    )
