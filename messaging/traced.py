"""The spans of messages: each is in the trace of the request that published it.

What a message brings about is found by its `traceparent`, which the outbox keeps: a relay that is
killed loses its own span, and the trace goes on. A batch has a trace of its own, linked to those of
its messages. The names are those of OpenTelemetry's semantic conventions for messaging.
"""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager

from messaging.conf import messaging_settings
from messaging.events import Event
from messaging.outbox import OutboxRow
from observability import recording
from observability.recording import Kind
from observability.trace import Work, continue_trace, is_recorded, trace


def sent(rows: Sequence[OutboxRow], started: int) -> None:
    """Record that events were published, between `started` and now."""
    if recording.recorder is None:
        return
    exchange = messaging_settings().exchange
    for row in rows:
        if is_recorded(row.traceparent):
            work = _of_message("send", "PRODUCER", exchange, row.type, row.event_id)
            work.record(continue_trace(row.traceparent), row.traceparent, started)


class Handling:
    """The handling of a batch's events, which begins now."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._started = time.time_ns()
        self._alone = events[0] if len(events) == 1 else None
        # Of each that is recorded, the `traceparent` of its own part in the batch.
        self._own = {
            event.id: (event, continue_trace(event.traceparent))
            for event in (events if recording.recorder is not None else ())
            if is_recorded(event.traceparent)
        }

    def of(self, events: Sequence[Event]) -> AbstractContextManager[str]:
        """Do a handler's work in the trace of the one event, or in one that is linked to each."""
        work = Work(f"handle {events[0].type}", "INTERNAL", self._links(events))
        if self._alone is not None:
            _, own = self._own.get(self._alone.id, (None, self._alone.traceparent))
            return trace(own, work)
        return trace(None, work, sampled=bool(work.links) or recording.recorder is None)

    def _links(self, events: Sequence[Event]) -> list[str]:
        if self._alone is not None:
            return []
        return [self._own[event.id][1] for event in events if event.id in self._own]

    def committed(self) -> None:
        """Record that each was handled, with the commit that is now."""
        queue = messaging_settings().queue
        for event, own in self._own.values():
            work = _of_message("process", "CONSUMER", queue, event.type, event.id)
            work.record(own, event.traceparent, self._started)


def _of_message(operation: str, kind: Kind, place: str, event_type: str, event_id: str) -> Work:
    work = Work(f"{operation} {event_type}", kind)
    work.attributes |= {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": operation,
        "messaging.destination.name": place,
        "messaging.message.id": event_id,
    }
    return work
