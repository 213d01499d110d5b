"""Reading a log of the simulated broker."""

from datetime import timedelta

from messaging.brokers.interface import Entry
from messaging.errors import BrokerUnavailable
from tests.simulation.connections import Connections


class SimulatedReader:
    """See `messaging.brokers.interface.Reader`."""

    def __init__(self, broker: Connections, log: str, start: int | timedelta | None) -> None:
        self._broker = broker
        self._log = log
        # Of times nothing is kept here: it begins before any of them.
        self._next = 0 if isinstance(start, timedelta) else start
        self._closed = False

    def read(self, most: int, timeout: float) -> list[Entry]:
        """See Reader."""
        self._broker.lose(self._broker.connect())
        log = self._broker.queues.logs.get(self._log)
        if log is None:
            raise BrokerUnavailable(f"there is no log {self._log}")
        if self._next is None:
            self._next = max(0, len(log) - 1)
        start = self._next
        self._broker.clock.wait(lambda: self._closed or len(log) > start, timeout)
        if self._closed:
            return []
        found = log[start : start + most]
        self._next = start + len(found)
        return [
            Entry(offset=offset, message=message) for offset, message in enumerate(found, start)
        ]

    def close(self) -> None:
        """See Reader."""
        self._closed = True
