"""Publishing to the simulated broker."""

from collections.abc import Sequence

from msgspec.structs import replace

from messaging.brokers.interface import Confirmation, Refusal
from messaging.events import Message
from tests.simulation.connections import Connection, Connections

CONFIRM_SECONDS = 2.0  # a confirm that takes longer is lost


class SimulatedPublisher:
    """See `messaging.brokers.interface.Publisher`."""

    def __init__(self, broker: Connections) -> None:
        self._broker = broker
        self._connection: Connection | None = None

    def open(self) -> None:
        """See Publisher."""
        with self._broker.lock:
            self._opened()

    def _opened(self) -> Connection:
        if self._connection is None or not self._connection.is_open:
            self._connection = self._broker.connect()
        return self._connection

    def send(self, messages: Sequence[Message]) -> "_Pending":
        """See Publisher."""
        with self._broker.lock:
            connection = self._opened()
            return _Pending(self._broker, connection, self._outcome(connection, messages))

    def _outcome(self, connection: Connection, messages: Sequence[Message]) -> Confirmation | None:
        """Put what arrives into the queues; return None where no confirm will come."""
        mischief = self._broker.mischief
        if mischief.strikes("lost_connection"):
            arrived = mischief.choose.randint(0, len(messages))
            for message in messages[:arrived]:
                self._put(message)
            self._broker.lose(connection)
            known = mischief.choose.randint(0, arrived)
            return Confirmation(confirmed=known, problem="connection lost")
        refused: dict[int, Refusal] = {}
        for place, message in enumerate(messages):
            if mischief.strikes("nack"):
                refused[place] = Refusal(f"{message.routing_key}: nack")
            elif not self._broker.queues.takes(message):
                refused[place] = Refusal(f"{message.routing_key} returned: no queue takes it")
            else:
                self._put(message)
        if mischief.strikes("lost_confirm"):
            return None
        if not refused:
            return Confirmation(confirmed=len(messages))
        first = min(refused)
        return Confirmation(confirmed=first, problem=refused[first].reason, refused=refused)

    def _put(self, message: Message) -> None:
        mischief = self._broker.mischief
        self._broker.queues.put(message, mischief.delay())
        if mischief.strikes("repeat"):
            for queue in self._broker.queues.targets(message):
                again = replace(message, exchange="", routing_key=queue.name)
                self._broker.queues.put(again, mischief.delay())

    def blocked(self) -> str | None:
        """See Publisher. Nothing blocks this broker."""
        return None

    def close(self) -> None:
        """See Publisher."""
        with self._broker.lock:
            if self._connection is not None:
                self._broker.lose(self._connection)
                self._connection = None


class _Pending:
    """A batch whose confirms come after a delay, or never."""

    def __init__(
        self, broker: Connections, connection: Connection, outcome: Confirmation | None
    ) -> None:
        self._clock = broker.clock
        self._connection = connection
        self._outcome = outcome
        delay = CONFIRM_SECONDS if outcome is None else broker.mischief.delay()
        self._known_at = broker.clock.now() + delay

    def done(self) -> bool:
        """See PendingConfirmation."""
        return self._clock.now() >= self._known_at or not self._connection.is_open

    def wait(self, timeout: float) -> Confirmation | None:
        """See PendingConfirmation."""
        left = self._known_at - self._clock.now()
        self._clock.wait(self.done, min(timeout, left))
        if not self.done():
            return None
        if self._outcome is not None and self._clock.now() >= self._known_at:
            return self._outcome
        if self._clock.now() < self._known_at:
            return Confirmation(confirmed=0, problem="connection lost")
        return Confirmation(confirmed=0, problem="no confirm in time")
