"""`manage.py consume`: handle the service's queue until stopped."""

import threading

from messaging.brokers.interface import Broker
from messaging.consumer import Consumer
from messaging.health import Health
from messaging.management.process import ProcessCommand


class Command(ProcessCommand):
    """Handle this service's queue."""

    help = "Handle the events of this service's queue until stopped. Several may run."
    role = "consumer"

    def work(self, broker: Broker, health: Health, stop: threading.Event) -> None:
        """See ProcessCommand."""
        Consumer(broker, health, stop).run()
