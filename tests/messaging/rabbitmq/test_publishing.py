"""What RabbitMQ confirms to a publisher, or does not, and what is made of it."""

import threading
import uuid
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from pika import DeliveryMode
from pika.adapters.blocking_connection import BlockingChannel

from messaging.brokers import Broker
from messaging.brokers.interface import Confirmation, Topology
from messaging.brokers.rabbitmq import RabbitMQBroker
from messaging.brokers.rabbitmq.publisher import CONFIRM_TIMEOUT, SentBatch, _PublishingLink
from messaging.events import Message
from tests.messaging.conformance.messages import PATIENCE, message, publish, to_queue
from tools.children import wait_until

# What pika encodes, and what we do ourselves.
WAYS = pytest.mark.parametrize("headers", [{"number": 1}, {"text": "1"}], ids=["pika's", "ours"])


@pytest.fixture
def full(channel: BlockingChannel, topology: Topology) -> Iterator[str]:
    """A routing key of which a queue takes no more, beside that of the topology."""
    queue, key = f"test.{uuid.uuid4().hex[:12]}", "ledger.full"
    limits = {"x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish"}
    channel.queue_declare(queue, durable=True, arguments=limits)
    channel.queue_bind(queue, topology.exchange, key)
    yield key
    channel.queue_delete(queue)


@WAYS
def test_a_message_that_a_full_queue_refuses_is_not_confirmed_but_those_before_it_are(
    broker: Broker, topology: Topology, full: str, headers: dict[str, object]
) -> None:
    publisher = broker.publisher()

    def refused() -> bool:  # RabbitMQ takes a few more than it should
        batch = [message(topology, 1), replace(message(topology, 2, full), headers=headers)]
        confirmation = publisher.send(batch).wait(PATIENCE)
        assert confirmation is not None
        if confirmation.problem is None:
            return False
        assert (confirmation.confirmed, confirmation.problem) == (
            1, f"{full} the broker refused it (nack)",
        )  # fmt: skip
        return True

    wait_until(refused, patience=PATIENCE, what="a nack")
    publisher.close()


@WAYS
def test_messages_outlive_a_restart_of_the_broker(
    broker: Broker, channel: BlockingChannel, topology: Topology, headers: dict[str, object]
) -> None:
    queue = topology.dead_letter_queue  # of which a message may be taken without a consumer
    publish(broker, [to_queue(queue, replace(message(topology), headers=headers))])
    found, properties, _ = channel.basic_get(queue, auto_ack=True)
    assert found is not None
    assert properties is not None
    assert properties.delivery_mode == DeliveryMode.Persistent.value


@pytest.fixture
def link(broker: Broker) -> Iterator[_PublishingLink]:
    """The connection of a publisher."""
    assert isinstance(broker, RabbitMQBroker)
    publisher = broker.publisher()
    publisher.open()
    assert publisher._link is not None
    yield publisher._link
    publisher.close()


def in_flight_for_too_long(link: _PublishingLink) -> SentBatch:
    """Have a message that RabbitMQ has not confirmed in time: it always does when it is well."""
    batch = SentBatch(1)
    link.register(batch)
    link._in_flight[1] = (batch, 0, Message(exchange="", routing_key="key", body=b""))
    link._progress -= CONFIRM_TIMEOUT.total_seconds() + 1
    return batch


def look(link: _PublishingLink) -> None:
    """Have the connection's thread look whether confirms are overdue."""
    looked = threading.Event()

    def work() -> None:
        link._watch()
        looked.set()

    link.connection.call(work)
    assert looked.wait(PATIENCE)


def test_a_broker_that_was_silent_for_too_long_is_given_up(link: _PublishingLink) -> None:
    batch = in_flight_for_too_long(link)
    look(link)
    assert batch.wait(PATIENCE) == Confirmation(confirmed=0, problem="no confirm in 10 s")
    assert link.connection.lost is not None


def test_a_broker_that_blocks_publishers_owes_no_confirm(link: _PublishingLink) -> None:
    link.connection._blocked = "low on memory"
    batch = in_flight_for_too_long(link)
    look(link)
    assert not batch.done()
    assert link.connection.lost is None
