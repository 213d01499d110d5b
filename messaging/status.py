"""How a service's messaging is doing, in numbers, and what of it needs an operator."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from messaging import awaited, past
from messaging.backlog import count_parked, oldest_unsent
from messaging.brokers.interface import Broker, Topology
from messaging.held import held_now
from messaging.models import InboxEvent, OutboxEvent
from messaging.set_aside import count_set_aside


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From where on a number is a problem. Ages are in seconds."""

    outbox_age: float = 60
    lag_events: int = 10_000
    lag_seconds: float = 300
    dead_letters: int = 0
    set_aside: int = 0
    overdue_retries: int = 0
    consumers: int = 1


@dataclass(frozen=True, kw_only=True)
class Status:
    """One look. `None` is what isn't known: AMQP has no count of unacked messages, which is known
    while one batch takes long; and the embedded broker none of consumers.
    """

    outbox_events: int
    outbox_oldest_seconds: float | None  # of those that nothing holds up
    set_aside: int
    queue_ready: int
    queue_unacked: int | None
    consumers: int | None
    waiting_for_retry: int
    # Messages that waited, and did not come back in time: RabbitMQ may hold them, or has lost them.
    overdue_retries: int
    dead_letter_queue: int
    dead_letters: int
    # Events that wait to be handled, and the time since the last one was handled: the oldest of
    # them waits no longer than that.
    lag_events: int
    lag_seconds: float
    past: bool | None  # whether others know of newer events than this database

    def as_json(self) -> dict[str, Any]:
        """Return all numbers by name."""
        return asdict(self)

    def problems(self, limits: Limits) -> list[str]:
        """Say what is over its limit, a sentence each."""
        found = []
        if self.past:
            found.append(
                "This database is in the past of what others have heard of it: after a backup is"
                " restored, run `finish_restore`."
            )
        if (self.outbox_oldest_seconds or 0) > limits.outbox_age:
            found.append(
                f"{self.outbox_events} events wait in the outbox, the oldest for"
                f" {self.outbox_oldest_seconds:.0f} s: does the relay run, is the broker well?"
            )
        if self.set_aside > limits.set_aside:
            found.append(
                f"{self.set_aside} events are set aside, since the broker refuses them: see"
                " `outbox list`."
            )
        if self.consumers is not None and self.consumers < limits.consumers:
            found.append(f"The queue has {self.consumers} consumers: does `consume` run?")
        if self.lag_events > limits.lag_events:
            found.append(f"{self.lag_events} events wait to be handled.")
        if self.lag_seconds > limits.lag_seconds:
            found.append(f"Events wait, and none was handled for {self.lag_seconds:.0f} s.")
        if self.overdue_retries > limits.overdue_retries:
            found.append(
                f"{self.overdue_retries} messages that failed have not come back for their retry:"
                " has a queue been deleted?"
            )
        if self.dead_letters > limits.dead_letters:
            found.append(f"{self.dead_letters} dead letters are parked: see `dead_letters list`.")
        return found


def read_status(broker: Broker, topology: Topology) -> Status:
    """Look at the database and the broker. Raise BrokerUnavailable."""
    now = timezone.now()
    queue = broker.queue_state(topology.queue)
    retries = [broker.queue_state(topology.retry_queue(wait)) for wait in topology.retry_delays]
    waiting = sum(state.ready for state in retries)
    held, held_seconds = held_now(now)
    unacked = held or None if queue.unacked is None else queue.unacked
    lag = queue.ready + (unacked or 0) + waiting
    oldest = oldest_unsent(now)
    last = InboxEvent.objects.order_by("-id").values_list("handled_at", flat=True).first()
    return Status(
        outbox_events=OutboxEvent.objects.count(),
        outbox_oldest_seconds=None if oldest is None else _seconds(now, oldest),
        set_aside=count_set_aside(),
        queue_ready=queue.ready,
        queue_unacked=unacked,
        consumers=queue.consumers,
        waiting_for_retry=waiting,
        overdue_retries=awaited.overdue(now),
        dead_letter_queue=broker.queue_state(topology.dead_letter_queue).ready,
        dead_letters=count_parked(),
        lag_events=lag,
        lag_seconds=max(held_seconds, _seconds(now, last) if lag and last is not None else 0.0),
        past=past.is_past(),
    )


def _seconds(now: datetime, then: datetime) -> float:
    return round(max(0.0, (now - then).total_seconds()), 3)
