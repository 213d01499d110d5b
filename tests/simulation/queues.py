"""The queues of the simulated broker: who holds what, what waits, what is dead."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from messaging.brokers.embedded.queues import matches
from messaging.brokers.interface import Topology
from messaging.events import Message

_matches = cache(matches)


@dataclass(eq=False)
class Entry:
    """A message in a queue. `holder` is the connection that was handed it."""

    message: Message
    ready_at: float
    tag: int
    deliveries: int = 0
    holder: object | None = None


@dataclass(eq=False)
class Queue:
    """Entries in their order; `subscribers` are connections, of which the first is served."""

    name: str
    ttl: float | None = None
    dead_letter_queue: str | None = None
    delivery_limit: int | None = None
    entries: list[Entry] = field(default_factory=list)
    subscribers: list[object] = field(default_factory=list)


class Queues:
    """All queues and bindings. `now` is the time, `next_tag` numbers what comes in."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._tags = 0
        self._by_name: dict[str, Queue] = {}
        self._retries: list[tuple[Queue, Queue]] = []  # each that delays, and where that leads
        self._bindings: list[tuple[str, str, str]] = []
        self.logs: dict[str, list[Message]] = {}
        # What each exchange took, in its order.
        self.accepted: list[Message] = []

    def declare(self, topology: Topology) -> None:
        """Make what is missing."""
        main, dead = topology.queue, topology.dead_letter_queue
        self._make(Queue(dead))
        self._make(Queue(main, None, dead, topology.delivery_limit))
        for delay in topology.retry_delays:
            name = topology.retry_queue(delay)
            if name not in self._by_name:
                self._make(Queue(name, delay.total_seconds(), main))
                self._retries.append((self._by_name[name], self._by_name[main]))
        if topology.log is not None:
            self.logs.setdefault(topology.log.name, [])
        for pattern in topology.bindings:
            binding = (topology.exchange, main, pattern)
            if binding not in self._bindings:
                self._bindings.append(binding)

    def _make(self, queue: Queue) -> None:
        self._by_name.setdefault(queue.name, queue)

    def get(self, name: str) -> Queue | None:
        """Return a queue, if it has been declared."""
        return self._by_name.get(name)

    def takes(self, message: Message) -> bool:
        """Return whether a queue or a log takes a message."""
        is_logged = not message.exchange and message.routing_key in self.logs
        return is_logged or bool(self.targets(message))

    def targets(self, message: Message) -> list[Queue]:
        """Return the queues that take a message."""
        if not message.exchange:
            queue = self.get(message.routing_key)
            return [] if queue is None else [queue]
        names = {
            name: None
            for exchange, name, pattern in self._bindings
            if exchange == message.exchange and _matches(pattern, message.routing_key)
        }
        return [self._by_name[name] for name in names]

    def put(self, message: Message, delay: float) -> None:
        """Put a message at the end of each queue that takes it, after a delay."""
        if message.exchange:
            self.accepted.append(message)
        elif message.routing_key in self.logs:
            self.logs[message.routing_key].append(message)
            return
        for queue in self.targets(message):
            ready_at = self._now() + (queue.ttl or delay)
            if queue.ttl is None and queue.entries:  # none overtakes another
                ready_at = max(ready_at, queue.entries[-1].ready_at)
            self._append(queue, message, ready_at)

    def _append(self, queue: Queue, message: Message, ready_at: float) -> None:
        self._tags += 1
        queue.entries.append(Entry(message, ready_at, self._tags))

    def move_due(self) -> None:
        """Bring the messages whose wait is over back, behind those that are there."""
        for queue, target in self._retries:
            if queue.entries:
                now = self._now()
                for entry in [entry for entry in queue.entries if entry.ready_at <= now]:
                    queue.entries.remove(entry)
                    self._append(target, entry.message, now)

    def ready(self, queue: Queue) -> list[Entry]:
        """Return what could be handed out now."""
        self.move_due()
        if not queue.entries:
            return []
        now = self._now()
        return [entry for entry in queue.entries if entry.holder is None and entry.ready_at <= now]

    def give_back(self, connection: object) -> None:
        """Have what a connection held delivered again; too often is dead."""
        for queue in list(self._by_name.values()):
            if connection in queue.subscribers:
                queue.subscribers.remove(connection)
            for entry in [entry for entry in queue.entries if entry.holder is connection]:
                entry.holder, entry.deliveries = None, entry.deliveries + 1
                limit = queue.delivery_limit
                if limit is not None and entry.deliveries > limit:
                    queue.entries.remove(entry)
                    if queue.dead_letter_queue is not None:
                        target = self._by_name[queue.dead_letter_queue]
                        self._append(target, entry.message, self._now())

    def all_empty(self) -> bool:
        """Return whether nothing is in any queue, dead letters included."""
        return not any(queue.entries for queue in self._by_name.values())

    def sizes(self) -> dict[str, Any]:
        """Return how many messages each queue has that has any."""
        return {name: len(queue.entries) for name, queue in self._by_name.items() if queue.entries}
