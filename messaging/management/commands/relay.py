"""`manage.py relay`: publish the outbox until stopped."""

import threading
from collections.abc import Iterator

from django.core.management.base import CommandError

from messaging.backlog import read_outbox
from messaging.brokers.interface import Broker
from messaging.errors import SessionNotKept
from messaging.health import Health
from messaging.management.process import ProcessCommand
from messaging.relay import Relay
from observability.metrics import Reading


class Command(ProcessCommand):
    """Publish this service's outbox."""

    help = "Publish the outbox to the broker until stopped. Several may run; one is active."
    role = "relay"

    def work(self, broker: Broker, health: Health, stop: threading.Event) -> None:
        """See ProcessCommand."""
        try:
            Relay(broker, health, stop).run()
        except SessionNotKept as error:
            raise CommandError(str(error)) from error

    def backlog(self) -> Iterator[Reading]:
        """See ProcessCommand."""
        return read_outbox()
