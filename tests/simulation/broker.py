"""The simulated broker: in memory, by the clock that it is given, with faults from a seed."""

from datetime import timedelta

from messaging.brokers.interface import QueueState, Topology
from tests.simulation.connections import Connections
from tests.simulation.publisher import SimulatedPublisher
from tests.simulation.reader import SimulatedReader
from tests.simulation.subscriber import SimulatedSubscriber


class SimulatedBroker(Connections):
    """See `messaging.brokers.interface.Broker`."""

    def declare(self, topology: Topology) -> None:
        """See Broker."""
        with self.lock:
            self.lose(self.connect())
            self.queues.declare(topology)

    def publisher(self) -> SimulatedPublisher:
        """See Broker."""
        return SimulatedPublisher(self)

    def subscriber(self, queue: str, prefetch: int) -> SimulatedSubscriber:
        """See Broker."""
        return SimulatedSubscriber(self, queue, prefetch)

    def reader(self, log: str, start: int | timedelta | None = None) -> SimulatedReader:
        """See Broker."""
        return SimulatedReader(self, log, start)

    def observer(self) -> "SimulatedObserver":
        """See Broker."""
        return SimulatedObserver(self)

    def queue_state(self, queue: str) -> QueueState:
        """See Broker."""
        with self.lock:
            found = self.queue(queue)
            held = sum(entry.holder is not None for entry in found.entries)
            ready = len(self.queues.ready(found))
            return QueueState(ready=ready, unacked=held, consumers=len(found.subscribers))

    def purge(self, queue: str) -> None:
        """See Broker."""
        with self.lock:
            found = self.queue(queue)
            found.entries = [entry for entry in found.entries if entry.holder is not None]


class SimulatedObserver:
    """See `messaging.brokers.interface.Observer`."""

    def __init__(self, broker: SimulatedBroker) -> None:
        self._broker = broker

    def queue_state(self, queue: str) -> QueueState:
        """See Observer."""
        return self._broker.queue_state(queue)

    def close(self) -> None:
        """See Observer."""
