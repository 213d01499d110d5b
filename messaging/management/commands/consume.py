"""`manage.py consume`: handle the service's queue until stopped."""

import threading
from collections.abc import Iterator

from messaging.backlog import read_failed
from messaging.brokers.interface import Broker
from messaging.consumer import Consumer
from messaging.health import Health
from messaging.management.process import ProcessCommand
from observability.metrics import Reading


class Command(ProcessCommand):
    """Handle this service's queue."""

    help = "Handle the events of this service's queue until stopped. Several may run."
    role = "consumer"

    def work(self, broker: Broker, health: Health, stop: threading.Event) -> None:
        """See ProcessCommand."""
        Consumer(broker, health, stop).run()

    def backlog(self) -> Iterator[Reading]:
        """See ProcessCommand."""
        return read_failed()
