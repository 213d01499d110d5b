"""Connections to the simulated broker, which can be lost."""

import threading
from itertools import count

from messaging.errors import BrokerUnavailable
from tests.simulation.clocks import Clock
from tests.simulation.mischief import Mischief
from tests.simulation.queues import Queue, Queues

AWAY_SECONDS = 1.5


class Connection:
    """A connection of one publisher or subscriber, open until it is lost or closed."""

    numbers = count(1)

    def __init__(self) -> None:
        self.is_open = True
        self.number = next(self.numbers)


class Connections:
    """What publishers and subscribers share: the queues, and who is connected."""

    def __init__(self, clock: Clock, mischief: Mischief) -> None:
        self.clock, self.mischief = clock, mischief
        self.queues = Queues(clock.now)
        self.lock = threading.RLock()
        self.away_until = 0.0
        self._connections: set[Connection] = set()

    def connect(self) -> Connection:
        """Open a connection. Raise BrokerUnavailable while the broker is away."""
        if self.mischief.strikes("away"):
            self.go_away(AWAY_SECONDS)
        if self.clock.now() < self.away_until:
            raise BrokerUnavailable("the broker is away")
        connection = Connection()
        self._connections.add(connection)
        return connection

    def go_away(self, seconds: float) -> None:
        """Be away for a while: all connections are lost."""
        self.away_until = self.clock.now() + seconds
        for connection in list(self._connections):
            self.lose(connection)

    def lose(self, connection: Connection) -> None:
        """Lose a connection: what it held is delivered again."""
        connection.is_open = False
        self._connections.discard(connection)
        self.queues.give_back(connection)

    def queue(self, name: str) -> Queue:
        """Return a queue. Raise BrokerUnavailable if there is none."""
        queue = self.queues.get(name)
        if queue is None:
            raise BrokerUnavailable(f"there is no queue {name}")
        return queue
