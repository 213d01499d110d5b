"""A RabbitMQ that takes small messages alone: it ends the channel, and says not for which one."""

from collections.abc import Iterator

import pytest
from django.db import connection

from messaging.brokers import Broker
from messaging.brokers.interface import Topology
from messaging.relay import Relay
from messaging.set_aside import events_set_aside
from tests.messaging.running import at_work, write
from tests.messaging.test_set_aside import About, arrivals, until_left, until_set_aside
from tools.servers import PrivateRabbitMQ

LARGEST = 65_536


class NarrowRabbitMQ(PrivateRabbitMQ):
    """Takes no message of more than LARGEST bytes."""

    def prepare(self) -> None:
        super().prepare()
        with (self.folder / "rabbitmq.conf").open("a") as configuration:
            configuration.write(f"max_message_size = {LARGEST}\n")


@pytest.fixture
def broker_url() -> Iterator[str]:
    """A node of its own, which takes some seconds to start: so on one database alone."""
    if connection.vendor != "postgresql":
        pytest.skip("the database makes no difference here, and this is run on PostgreSQL")
    with NarrowRabbitMQ() as rabbitmq:
        yield rabbitmq.url


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
