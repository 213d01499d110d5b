"""How events flow through this service now: outbox, broker, queue, inbox, retries, dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Max, Min
from django.utils import timezone

from messaging import awaited
from messaging.backlog import oldest_unsent
from messaging.conf import messaging_settings
from messaging.held import held_now
from messaging.models import (
    AwaitedRetry,
    DeadLetter,
    InboxEvent,
    JournalEntry,
    OutboxEvent,
    ProcessReport,
)
from messaging.reports import GONE
from messaging.set_aside import count_set_aside

# What is looked at for the rates: the last minute, and of a busy one the last of it.
WINDOW = timedelta(minutes=1)
MOST_ENTRIES = 5000
MOST_WAITING = 10_000  # more are not counted: a count of millions takes its time


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Events of the last minute: how many a second, and the seconds that they took."""

    count: int
    a_second: float
    mean: float | None
    longest: float | None


@dataclass(frozen=True, kw_only=True)
class Process:
    """A relay or consumer. One that is `gone` has said nothing for a while."""

    role: str
    status: str
    detail: str
    seen_at: datetime
    gone: bool


@dataclass(frozen=True, kw_only=True)
class Overview:
    """One look. None is what isn't known."""

    exchange: str
    queue: str
    waiting: int  # in the outbox, up to MOST_WAITING
    oldest_seconds: float | None  # of those that nothing holds up
    set_aside: int
    published: Rate
    ready: int | None
    consumers: int | None
    looked_at: datetime | None
    held: int
    handled: Rate
    last_handled_at: datetime | None
    retrying: int
    next_due: datetime | None
    overdue: int
    parked: int
    requested: int
    processes: Sequence[Process]

    @property
    def more_waiting(self) -> bool:
        """Whether there are more in the outbox than were counted."""
        return self.waiting >= MOST_WAITING

    @property
    def problems(self) -> list[str]:
        """What an operator should know first, a sentence each."""
        found = []
        for role in ("relay", "consumer"):
            there = [each for each in self.processes if each.role == role and not each.gone]
            if not any(each.status != "stopped" for each in there):
                found.append(f"No {role} reports: does it run?")
        troubled = [each for each in self.processes if each.detail and not each.gone]
        found += sorted({f"The {each.role} is {each.status}: {each.detail}" for each in troubled})
        if self.ready and self.consumers == 0:
            found.append("Events wait in the queue, which has no consumer.")
        if self.set_aside:
            found.append(f"{self.set_aside} events are set aside: see `outbox list`.")
        if self.overdue:
            found.append(f"{self.overdue} messages have not come back for their retry.")
        return found


def overview() -> Overview:
    """Look at this service's tables. The broker is not asked: relay and consumer have written."""
    now, settings = timezone.now(), messaging_settings()
    reports = ProcessReport.objects.order_by("-role", "name")
    rates = _rates(now)
    queue = _queue(now)
    oldest = oldest_unsent(now)
    letters = dict(
        DeadLetter.objects.filter(state__in=("parked", "requested"))
        .values_list("state")
        .annotate(count=Count("id"))
    )
    return Overview(
        exchange=settings.exchange,
        queue=settings.queue,
        waiting=OutboxEvent.objects.all()[:MOST_WAITING].count(),
        oldest_seconds=None if oldest is None else max(0.0, (now - oldest).total_seconds()),
        set_aside=count_set_aside(),
        published=rates[JournalEntry.Step.PUBLISHED],
        ready=queue.queue_ready if queue else None,
        consumers=queue.queue_consumers if queue else None,
        looked_at=queue.seen_at if queue else None,
        held=held_now(now)[0],
        handled=rates[JournalEntry.Step.HANDLED],
        last_handled_at=_last_handled_at(),
        retrying=AwaitedRetry.objects.filter(due_at__gt=now).count(),
        next_due=AwaitedRetry.objects.filter(due_at__gt=now).aggregate(due=Min("due_at"))["due"],
        overdue=awaited.overdue(now),
        parked=letters.get("parked", 0),
        requested=letters.get("requested", 0),
        processes=[_process(report, now) for report in reports],
    )


def _process(report: ProcessReport, now: datetime) -> Process:
    return Process(
        role=report.role,
        status=report.status,
        detail=report.detail,
        seen_at=report.seen_at,
        gone=now - report.seen_at > GONE,
    )


def _queue(now: datetime) -> ProcessReport | None:
    """The newest look at the queue."""
    seen = ProcessReport.objects.filter(seen_at__gt=now - GONE, queue_ready__isnull=False)
    return seen.order_by("-seen_at").first()


def _last_handled_at() -> datetime | None:
    newest = InboxEvent.objects.order_by("-id").values_list("handled_at", flat=True)
    return newest.first()


def _rates(now: datetime) -> dict[str, Rate]:
    """Of published events from write to confirm, of handled ones from write to commit."""
    newest = JournalEntry.objects.aggregate(newest=Max("id"))["newest"] or 0
    recent = JournalEntry.objects.filter(id__gt=newest - MOST_ENTRIES, ended_at__gt=now - WINDOW)
    took = ExpressionWrapper(F("ended_at") - F("written_at"), output_field=DurationField())
    rows: dict[str, Any] = {
        row["step"]: row
        for row in recent.values("step").annotate(
            count=Count("id"), mean=Avg(took), longest=Max(took), first=Min("ended_at")
        )
    }
    full = sum(row["count"] for row in rows.values()) >= MOST_ENTRIES
    first = min((row["first"] for row in rows.values()), default=now)
    seconds = max(0.001, (now - first).total_seconds()) if full else WINDOW.total_seconds()
    return {step: _rate(rows.get(step), seconds) for step in JournalEntry.Step.values}


def _rate(row: Any, seconds: float) -> Rate:
    if row is None:
        return Rate(count=0, a_second=0.0, mean=None, longest=None)
    return Rate(
        count=row["count"],
        a_second=row["count"] / seconds,
        mean=row["mean"].total_seconds(),
        longest=row["longest"].total_seconds(),
    )
