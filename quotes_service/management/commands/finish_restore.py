"""`manage.py finish_restore`: after a backup of Quotes was restored."""

from collections.abc import Iterator
from dataclasses import replace

from django.core.management.base import CommandError

from messaging.conf import configured_broker, messaging_settings
from messaging.errors import BrokerUnavailable
from messaging.management.restore import FinishRestoreCommand
from quotes_service import clients, restoring
from quotes_service.clients import LikesUnavailable

LIKES_QUEUE = "likes"


class Command(FinishRestoreCommand):
    """Publish all quotes again, and the deletion of those that are lost."""

    def bring_in_step(self) -> Iterator[int]:
        """Ask Likes and the broker; then return what publishes."""
        try:
            waiting = _waiting()
            return restoring.bring_in_step(clients.fetch_known_numbers(), waiting)
        except (LikesUnavailable, BrokerUnavailable) as error:
            raise CommandError(f"Nothing was changed: {error}", returncode=2) from error


def _waiting() -> int:
    """Return how many messages wait for Likes."""
    topology = replace(messaging_settings().topology, queue=LIKES_QUEUE)
    broker = configured_broker("quotes finish_restore")
    queues = [topology.queue, *map(topology.retry_queue, topology.retry_delays)]
    return sum(broker.queue_state(queue).ready for queue in queues)
