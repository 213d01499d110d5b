"""What this service knows of events, from its own tables."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from messaging.conf import messaging_settings
from messaging.destinations import is_exchanged
from messaging.flow.timelines import MOST_EVENTS, Known, Step, Wanted, place_of
from messaging.models import (
    AwaitedRetry,
    DeadLetter,
    HeardSource,
    InboxEvent,
    JournalEntry,
    OutboxEvent,
)

_ENTRIES = 4 * MOST_EVENTS  # of the journal: an event has several when it fails
# What the two moments of an entry of the journal are.
_MOMENTS = {
    JournalEntry.Step.PUBLISHED: ("sent", "confirmed"),
    JournalEntry.Step.HANDLED: ("delivered", "handled"),
    JournalEntry.Step.FAILED: ("delivered", "failed"),
    JournalEntry.Step.PARKED: ("delivered", "parked"),
}
_Found = dict[tuple[str, str], Known]


def known_here(wanted: Wanted) -> list[Known]:
    """Return what is known of the events that are wanted, or of the newest, the newest first."""
    found: _Found = {}
    for row in _unsent(wanted):
        _add_unsent(found, row)
    for entry in _entries(wanted):
        _add_entry(found, entry)
    for source, event_id in _by_id(wanted.event_ids):
        _known(found, event_id, source)
    _add_handled(found)
    _add_troubled(found)
    known = [each for each in found.values() if each.steps]
    return sorted(known, key=lambda each: each.steps[0].at, reverse=True)[:MOST_EVENTS]


def _entries(wanted: Wanted) -> Iterable[JournalEntry]:
    """The newest entries, oldest first. All of one event have one subject and trace."""
    rows = JournalEntry.objects.order_by("-id")
    if condition := _condition(wanted, "subject", trace_id=wanted.trace_id):
        rows = rows.filter(condition)
    return reversed(rows[:_ENTRIES])


def _unsent(wanted: Wanted) -> QuerySet[OutboxEvent]:
    """The rows of the outbox: of a long one, which has no index for this, the newest."""
    rows = OutboxEvent.objects.order_by("-id").defer("data")
    condition = _condition(wanted, "key", traceparent__contains=wanted.trace_id)
    if condition:
        newest = OutboxEvent.objects.aggregate(newest=Max("id"))["newest"] or 0
        rows = rows.filter(condition, id__gt=newest - messaging_settings().journal_events)
    return rows[:MOST_EVENTS]


def _condition(wanted: Wanted, subject: str, **trace: str) -> Q:
    condition = Q(event_id__in=wanted.event_ids) if wanted.event_ids else Q()
    if wanted.subject:
        condition |= Q(**{subject: wanted.subject})
    if wanted.trace_id:
        condition |= Q(**trace)
    return condition


def _by_id(event_ids: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Find what the journal has forgotten, by indexes of inbox and dead letters."""
    event_ids = list(event_ids)
    if not event_ids:
        return
    yield from InboxEvent.objects.filter(event_id__in=event_ids).values_list("source", "event_id")
    sources = [*HeardSource.objects.values_list("source", flat=True), messaging_settings().source]
    identities = [f"{source}#{event_id}" for source in sources for event_id in event_ids]
    for identity in DeadLetter.objects.filter(identity__in=identities).values_list(
        "identity", flat=True
    ):
        source, _, event_id = identity.partition("#")
        yield source, event_id


def _known(found: _Found, event_id: str, source: str) -> Known:
    place = place_of(messaging_settings().source)
    known = Known(event_id=event_id, source=source, place=place)
    return found.setdefault((source, event_id), known)


def _add_unsent(found: _Found, row: OutboxEvent) -> None:
    known = _known(found, row.event_id, messaging_settings().source)
    known.type, known.subject, known.trace_id = row.type, row.key, row.traceparent[3:35]
    known.state = "written"
    _step(known, row.created_at, "written", place=place_of(known.source))
    if row.set_aside_at is not None:
        known.state = "set_aside"
        _step(known, row.set_aside_at, "set_aside", row.refusal or "")


def _add_entry(found: _Found, entry: JournalEntry) -> None:
    known = _known(found, entry.event_id, entry.source)
    known.type, known.subject, known.trace_id = entry.type, entry.subject, entry.trace_id
    begun, ended = _MOMENTS[JournalEntry.Step(entry.step)]
    if not known.steps:
        _step(known, entry.written_at, "written", place=place_of(known.source))
    _step(known, entry.begun_at, begun)
    _step(known, entry.ended_at, ended, entry.detail)
    if entry.step == JournalEntry.Step.PUBLISHED:
        known.state = "confirmed" if is_exchanged(entry.type, messaging_settings()) else "logged"


def _add_handled(found: _Found) -> None:
    ids = {event_id for _, event_id in found}
    for row in InboxEvent.objects.filter(event_id__in=ids):
        known = found.get((row.source, row.event_id))
        if known is not None:
            known.state = "handled"
            if all(step.what != "handled" for step in known.steps):
                _step(known, row.handled_at, "handled")


def _add_troubled(found: _Found) -> None:
    """Add what the dead letters and the books of retries say."""
    by_identity = {f"{known.source}#{known.event_id}": known for known in found.values()}
    for retry in AwaitedRetry.objects.filter(identity__in=by_identity):
        known = by_identity[retry.identity]
        known.state = "retrying"
        _step(known, retry.due_at, "due")
    letters = DeadLetter.objects.filter(identity__in=by_identity)
    for letter in letters.defer("body", "headers", "traceback"):
        known = by_identity[letter.identity]
        known.type = known.type or letter.type
        if known.state != "handled":
            known.state = letter.state
        if all(step.what != "parked" for step in known.steps):
            _step(known, letter.parked_at, "parked", letter.error)
        if letter.closed_at is not None:
            _step(known, letter.closed_at, letter.state)


def _step(known: Known, at: datetime, what: str, detail: str = "", **given: Any) -> None:
    known.steps.append(Step(at=at, what=what, detail=detail, **{"place": known.place} | given))
