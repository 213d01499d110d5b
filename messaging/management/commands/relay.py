"""`manage.py relay`: publish the outbox until stopped."""

import threading

from messaging.brokers.interface import Broker
from messaging.health import Health
from messaging.management.process import ProcessCommand
from messaging.relay import Relay


class Command(ProcessCommand):
    """Publish this service's outbox."""

    help = "Publish the outbox to the broker until stopped. Several may run; one is active."
    role = "relay"

    def work(self, broker: Broker, health: Health, stop: threading.Event) -> None:
        """See ProcessCommand."""
        Relay(broker, health, stop).run()
