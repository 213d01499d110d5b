"""What the tests' consumer does."""

from collections.abc import Callable, Sequence

from messaging.events import Event
from messaging.outbox import publish
from observability.trace import current_traceparent, trace_id
from tests.messaging.events import Counted
from tests.messaging.ledger.models import Entry

# The numbers of events of which the handler fails; tests of one process add to it.
FAILING: set[int] = set()


def count(events: Sequence[Event]) -> None:
    """Write an entry for each event."""
    context = current_traceparent()
    Entry.objects.bulk_create(
        Entry(
            event_id=event.id,
            type=event.type,
            number=event.data["number"],
            trace_id=trace_id(context) if context else "",
        )
        for event in events
    )


def trouble(events: Sequence[Event]) -> None:
    """Write an entry, publish a follow-up if the note asks for it, and fail if it is to."""
    count(events)
    for event in events:
        if event.data["note"] == "chain":
            publish(Counted(number=event.data["number"] + 1000))
        if event.data["note"] == "always fail" or event.data["number"] in FAILING:
            raise ValueError(f"number {event.data['number']} is trouble")


HANDLERS: dict[str, Callable[[Sequence[Event]], None]] = {
    "ledger.counted": count,
    "ledger.troubled": trouble,
}
