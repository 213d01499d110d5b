"""A RabbitMQ with limits: of a message's size, and of a queue's length.

At a message that is too large it ends the channel, and says not which one it was. A channel that
was told that a queue is full is not told when the limit is lifted.
"""

from collections.abc import Iterator
from itertools import count

import pytest
from django.db import connection

from messaging.brokers import Broker
from messaging.brokers.interface import Topology
from messaging.models import OutboxEvent
from messaging.relay import Relay
from messaging.set_aside import events_set_aside, send_again
from tests.messaging.running import PATIENCE, at_work, write
from tests.messaging.test_set_aside import About, arrivals, until_left, until_set_aside
from tools.children import wait_until
from tools.servers import PrivateRabbitMQ

LARGEST = 65_536


class NarrowRabbitMQ(PrivateRabbitMQ):
    """Takes no message of more than LARGEST bytes."""

    def prepare(self) -> None:
        super().prepare()
        with (self.folder / "rabbitmq.conf").open("a") as configuration:
            configuration.write(f"max_message_size = {LARGEST}\n")


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[PrivateRabbitMQ]:
    """A node of its own, which takes some seconds to start: so on one database alone."""
    if connection.vendor != "postgresql":
        pytest.skip("the database makes no difference here, and this is run on PostgreSQL")
    with NarrowRabbitMQ() as rabbitmq:
        yield rabbitmq


@pytest.fixture
def broker_url(rabbitmq: PrivateRabbitMQ) -> str:
    """That node's."""
    return rabbitmq.url


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_too_large_is_found_and_set_aside_and_all_others_arrive(
    broker: Broker, messaging: Topology
) -> None:
    large = "x" * (LARGEST + 1)
    write(
        *[About(number=number, ledger=number) for number in range(30)],
        About(number=30, ledger=30, note=large),
        *[About(number=number, ledger=number) for number in range(31, 40)],
        About(number=40, ledger=40, note=large),
        *[About(number=number, ledger=number) for number in range(41, 60)],
    )
    with at_work(Relay) as health:
        until_left(2)
        until_set_aside(2)
        write(About(number=60, ledger=60), About(number=61, ledger=30))
        until_left(3)
        assert health.ready()
    for event in events_set_aside():
        assert "406" in str(event.refusal)
        assert event.try_again_at is None
    assert set(arrivals(broker, messaging)) == {*range(61)} - {30, 40}


@pytest.mark.django_db(transaction=True)
def test_all_is_published_once_the_limit_of_a_full_queue_is_lifted(
    broker: Broker, messaging: Topology, rabbitmq: PrivateRabbitMQ
) -> None:
    limit = ("full", f"^{messaging.queue}$", '{"max-length": 2}', "--apply-to", "queues")
    rabbitmq.ctl("set_policy", *limit)
    written = count()

    def write_until_refused() -> bool:
        number = next(written)
        write(About(number=number, ledger=number))
        return events_set_aside().exists()

    with at_work(Relay):
        wait_until(write_until_refused, patience=PATIENCE, what="a refusal")
        rabbitmq.ctl("clear_policy", "full")
        wait_until(all_sent_again, patience=PATIENCE, what="an empty outbox")
    assert set(arrivals(broker, messaging)) == set(range(next(written)))


def all_sent_again() -> bool:
    """Return whether nothing is set aside or waits, having asked for what is."""
    send_again(events_set_aside())
    return not OutboxEvent.objects.exists()
