"""`AMQP_FAST` says whether pika is used as it comes. Either way passes the tests of this folder."""

import pytest
from pytest_django import Settings

from messaging.brokers.interface import Topology
from messaging.brokers.rabbitmq import RabbitMQBroker
from messaging.brokers.rabbitmq.fast import FastConnection
from messaging.brokers.rabbitmq.tolerant import TolerantConnection
from messaging.conf import configured_broker


@pytest.mark.parametrize(("fast", "kind"), [(True, FastConnection), (False, TolerantConnection)])
def test_the_setting_chooses_the_connection(
    settings: Settings, broker_url: str, topology: Topology, fast: bool, kind: type
) -> None:
    settings.BROKER_URL = broker_url
    settings.MESSAGING = {**settings.MESSAGING, "AMQP_FAST": fast}
    broker = configured_broker("test")
    assert isinstance(broker, RabbitMQBroker)
    publisher, subscriber = broker.publisher(), broker.subscriber(topology.queue, 1)
    publisher.open()
    subscriber.receive(1, 0)
    assert publisher._link is not None
    assert subscriber._link is not None
    for link in (publisher._link, subscriber._link):
        assert type(link.connection._pika) is kind
    publisher.close()
    subscriber.close()
