"""The books of the messages that wait for a retry: which of them did not come back in time.

At-least-once dead-lettering never drops a message whose wait is over and whose queue is gone. But
AMQP counts it nowhere then.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from messaging.dead_letters import attempts_made, identity_of
from messaging.events import Message
from messaging.models import AwaitedRetry

# What comes back later than this after its time is overdue: RabbitMQ is a second late at most, and
# a consumer that is behind by more is told of as such.
GRACE = timedelta(minutes=1)
# What is overdue for longer is no news.
MEMORY = timedelta(days=7)


def sent(message: Message, delay: timedelta) -> None:
    """Note that a message waits now. (After a crash just before, it waits without a note.)"""
    now = timezone.now()
    AwaitedRetry.objects.filter(due_at__lt=now - MEMORY).delete()
    AwaitedRetry.objects.update_or_create(
        identity=identity_of(message), defaults={"due_at": now + delay}
    )


def back(messages: Iterable[Message]) -> None:
    """Note that these have come, in the transaction that ends them."""
    ended = [identity_of(message) for message in messages if attempts_made(message)]
    if ended:
        AwaitedRetry.objects.filter(identity__in=ended).delete()


def overdue(now: datetime) -> int:
    """Return how many have not come back in time, of the last week."""
    return AwaitedRetry.objects.filter(due_at__range=(now - MEMORY, now - GRACE)).count()
