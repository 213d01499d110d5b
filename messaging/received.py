"""What a delivery holds: an event, or the reason why it is none."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from messaging import faults
from messaging.brokers.interface import Delivery
from messaging.errors import UnknownEventType
from messaging.events import Event, from_message
from messaging.models import DeadLetter
from messaging.schemas import Check
from observability.trace import trace_id


class Received(Struct, frozen=True):
    """A delivery with the event that it holds, or with the reason why it holds none."""

    delivery: Delivery
    event: Event | None
    reason: DeadLetter.Reason | None = None
    error: Exception | None = None


def read(delivery: Delivery, checks: Mapping[str, Check]) -> Received:
    """Decode a message and check its data. `checks` are those of the types that are handled."""
    faults.reach_for("before_handling", delivery.message.body)
    try:
        event = from_message(delivery.message)
        check = checks.get(event.type)
        if check is None:
            unknown = UnknownEventType(f"nothing here handles {event.type}")
            return Received(delivery, None, DeadLetter.Reason.UNKNOWN_TYPE, unknown)
        check(event.data)
    except Exception as error:  # noqa: BLE001 - whatever a foreign message leads to is its fault
        return Received(delivery, None, DeadLetter.Reason.INVALID, error)
    return Received(delivery, event)


def names_of(received: Sequence[Received]) -> dict[str, list[str]]:
    """Return what a line of the log says of events: their ids, subjects and traces."""
    events = [one.event for one in received if one.event is not None]
    return {
        "event_ids": [event.id for event in events],
        "subjects": sorted({event.subject for event in events}),
        "trace_ids": sorted({trace_id(event.traceparent) for event in events if event.traceparent}),
    }
