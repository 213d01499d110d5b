"""The embedded broker as a whole: declares the topology, makes publishers and subscribers."""

import contextlib
from datetime import timedelta
from pathlib import Path

from messaging.brokers.embedded import logs
from messaging.brokers.embedded.file import File
from messaging.brokers.embedded.observer import EmbeddedObserver
from messaging.brokers.embedded.publisher import EmbeddedPublisher
from messaging.brokers.embedded.reader import EmbeddedReader
from messaging.brokers.embedded.subscriber import EmbeddedSubscriber
from messaging.brokers.interface import QueueState, Topology


class EmbeddedBroker:
    """See `messaging.brokers.interface.Broker`. `url` is `sqlite:///path`."""

    def __init__(self, url: str) -> None:
        self._path = Path(url.removeprefix("sqlite:///"))

    def declare(self, topology: Topology) -> None:
        """See Broker."""
        main, dead = topology.queue, topology.dead_letter_queue
        queues: list[tuple[str, float | None, str | None, int | None]] = [
            (dead, None, None, None),
            (main, None, dead, topology.delivery_limit),
        ]
        for delay in topology.retry_delays:
            queues.append((topology.retry_queue(delay), delay.total_seconds(), main, None))
        with contextlib.closing(File(self._path)) as file, file.transaction() as cursor:
            cursor.executemany("INSERT OR IGNORE INTO queue VALUES (?, ?, ?, ?)", queues)
            cursor.executemany(
                "INSERT OR IGNORE INTO binding VALUES (?, ?, ?)",
                [(topology.exchange, main, pattern) for pattern in topology.bindings],
            )
            if topology.log is not None:
                logs.declare(cursor, topology.log)

    def publisher(self) -> EmbeddedPublisher:
        """See Broker."""
        return EmbeddedPublisher(self._path)

    def subscriber(self, queue: str, prefetch: int) -> EmbeddedSubscriber:
        """See Broker."""
        return EmbeddedSubscriber(self._path, queue, prefetch)

    def reader(self, log: str, start: int | timedelta | None = None) -> EmbeddedReader:
        """See Broker."""
        return EmbeddedReader(self._path, log, start)

    def observer(self) -> EmbeddedObserver:
        """See Broker."""
        return EmbeddedObserver(self._path)

    def queue_state(self, queue: str) -> QueueState:
        """See Broker."""
        with contextlib.closing(self.observer()) as observer:
            return observer.queue_state(queue)

    def purge(self, queue: str) -> None:
        """See Broker."""
        with contextlib.closing(File(self._path)) as file, file.transaction() as cursor:
            cursor.execute("DELETE FROM message WHERE queue = ? AND NOT held", [queue])
