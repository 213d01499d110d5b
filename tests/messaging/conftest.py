"""Brokers to test against, and queues of each test's own."""

import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pika
import pytest
from pytest_django import Settings

from messaging.brokers import Broker, broker_for
from messaging.brokers.interface import Topology
from messaging.conf import messaging_settings
from tests.messaging import handlers
from tools.servers import PrivateRabbitMQ


@pytest.fixture(scope="session")
def rabbitmq_url() -> Iterator[str]:
    """The node of the test run, or one of our own."""
    if url := os.environ.get("TEST_RABBITMQ_URL"):
        yield url
        return
    with PrivateRabbitMQ() as rabbitmq:
        yield rabbitmq.url


FAST = messaging_settings().amqp_fast


@pytest.fixture(params=["embedded", "rabbitmq"] if FAST else ["rabbitmq"])
def broker_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each backend in turn: but RabbitMQ alone where pika is used as it comes."""
    if request.param == "embedded":
        return f"sqlite:///{tmp_path / 'broker.sqlite3'}"
    url: str = request.getfixturevalue("rabbitmq_url")
    return url


@pytest.fixture
def broker(broker_url: str) -> Broker:
    """A broker of each backend."""
    return broker_for(broker_url, "test", fast=FAST)


@pytest.fixture
def topology(broker: Broker, broker_url: str) -> Iterator[Topology]:
    """A declared topology of this test's own."""
    name = f"test.{uuid.uuid4().hex[:12]}"
    topology = Topology(
        exchange=name,
        queue=name,
        bindings=["ledger.#"],
        retry_delays=[timedelta(milliseconds=200)],
        delivery_limit=3,
    )
    broker.declare(topology)
    yield topology
    remove(broker_url, topology)


@pytest.fixture
def messaging(settings: Settings, broker: Broker, broker_url: str) -> Iterator[Topology]:
    """The settings of messaging set to a broker, and to an exchange and queues of our own."""
    name = f"test.{uuid.uuid4().hex[:12]}"
    settings.BROKER_URL = broker_url
    settings.MESSAGING = {**settings.MESSAGING, "EXCHANGE": name, "QUEUE": name}
    topology = messaging_settings().topology
    broker.declare(topology)
    yield topology
    handlers.FAILING.clear()
    remove(broker_url, topology)


@pytest.fixture
def long_retries(
    settings: Settings, messaging: Topology, broker: Broker, broker_url: str
) -> Iterator[None]:
    """One retry, which no test waits for: what is seen meanwhile doesn't go away again."""
    settings.MESSAGING = {**settings.MESSAGING, "RETRY_DELAYS": [timedelta(hours=1)]}
    topology = messaging_settings().topology
    broker.declare(topology)
    yield
    remove(broker_url, topology)


def remove(url: str, topology: Topology) -> None:
    """Leave nothing of a test on the node that others use too."""
    if not url.startswith("amqp"):
        return
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        for delay in topology.retry_delays:
            channel.queue_delete(topology.retry_queue(delay))
        for queue in (topology.queue, topology.dead_letter_queue):
            channel.queue_delete(queue)
        channel.exchange_delete(topology.exchange)
