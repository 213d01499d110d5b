"""Consuming from the simulated broker."""

from collections.abc import Sequence

from messaging.brokers.interface import Delivery
from messaging.errors import BrokerUnavailable, NotOwned
from tests.simulation.connections import Connection, Connections


class SimulatedSubscriber:
    """See `messaging.brokers.interface.Subscriber`."""

    def __init__(self, broker: Connections, queue: str, prefetch: int) -> None:
        self._broker = broker
        self._queue = queue
        self._prefetch = prefetch
        self._connection: Connection | None = None
        self._closed = False

    def receive(self, most: int, timeout: float) -> list[Delivery]:
        """See Subscriber."""
        with self._broker.lock:
            if self._closed:
                return []
            if self._connection is None:
                connection = self._broker.connect()
                self._broker.queue(self._queue).subscribers.append(connection)
                self._connection = connection
            elif self._broker.mischief.strikes("lost_connection"):
                self._broker.lose(self._connection)
        taken: list[Delivery] = []
        self._broker.clock.wait(lambda: self._look(most, taken), timeout)
        if not taken and not self._closed and not self._is_open():
            self._connection = None
            raise BrokerUnavailable("connection lost")
        return taken

    def _is_open(self) -> bool:
        return self._connection is not None and self._connection.is_open

    def _look(self, most: int, taken: list[Delivery]) -> bool:
        """Take what there is; return whether there is no use in waiting."""
        with self._broker.lock:
            if self._closed or not self._is_open():
                return True
            queue = self._broker.queue(self._queue)
            if queue.subscribers[0] is not self._connection:
                return False
            ready = self._broker.queues.ready(queue)
            if not ready:
                return bool(taken)
            most = min(most, self._prefetch - self.held())
            for place, entry in enumerate(ready[:most]):
                if entry.deliveries and place:
                    break
                entry.holder = self._connection
                taken.append(
                    Delivery(
                        message=entry.message,
                        redelivered=entry.deliveries > 0,
                        tag=entry.tag,
                        connection=self._connection.number if self._connection else 0,
                    )
                )
                if entry.deliveries:  # it comes alone
                    break
            return bool(taken)

    def held(self) -> int:
        """See Subscriber."""
        queue = self._broker.queues.get(self._queue)
        if queue is None or self._connection is None:
            return 0
        return sum(entry.holder is self._connection for entry in queue.entries)

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """See Subscriber. An ack may be lost on its way, of which nobody hears."""
        if not deliveries:
            return
        with self._broker.lock:
            connection = self._connection
            owned = {delivery.connection for delivery in deliveries}
            if connection is None or not connection.is_open or owned != {connection.number}:
                raise NotOwned("these deliveries were given back")
            if self._broker.mischief.strikes("lost_ack"):
                self._broker.lose(connection)
                return
            tags = {delivery.tag for delivery in deliveries}
            queue = self._broker.queue(self._queue)
            if not tags <= {entry.tag for entry in queue.entries if entry.holder is connection}:
                raise NotOwned("these deliveries were acked before")
            queue.entries = [entry for entry in queue.entries if entry.tag not in tags]

    def consuming(self) -> bool:
        """See Subscriber."""
        return self._is_open() and not self._closed

    def close(self) -> None:
        """See Subscriber."""
        self._closed = True
        self.die()

    def die(self) -> None:
        """Lose the connection, as when the process dies."""
        with self._broker.lock:
            if self._connection is not None:
                self._broker.lose(self._connection)
                self._connection = None
