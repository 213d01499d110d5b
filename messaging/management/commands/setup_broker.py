"""`manage.py setup_broker`: declare what the service needs of the broker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from messaging.conf import configured_broker, messaging_settings
from messaging.errors import BrokerUnavailable


class Command(BaseCommand):
    """Declare the exchange, queues and bindings."""

    help = "Declare this service's exchange, queues and bindings. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Declare them, or say why it can't be done."""
        topology = messaging_settings().topology
        try:
            configured_broker(f"{topology.queue} set-up").declare(topology)
        except BrokerUnavailable as error:
            raise CommandError(f"the broker did not take it: {error}") from error
        self.stdout.write(f"Queue {topology.queue} takes {', '.join(topology.bindings)}.")
