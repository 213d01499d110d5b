"""What every broker promises about exchanges, queues and bindings."""

import dataclasses
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from msgspec import structs

from messaging.brokers import Broker
from messaging.brokers.interface import Topology
from messaging.errors import BrokerUnavailable
from messaging.events import ID_HEADER
from tests.messaging.conformance.messages import (
    PATIENCE,
    message,
    nothing_more,
    numbers,
    publish,
    receive,
    receive_and_ack,
    to_queue,
)
from tests.messaging.conftest import remove
from tools.children import wait_until


@pytest.fixture
def neighbour(broker: Broker, broker_url: str, topology: Topology) -> Iterator[Topology]:
    """A second service on the same exchange."""
    neighbour = dataclasses.replace(
        topology, queue=f"test.{uuid.uuid4().hex[:12]}", bindings=["ledger.*.b"]
    )
    broker.declare(neighbour)
    yield neighbour
    remove(broker_url, neighbour)


def test_declaring_again_changes_nothing(broker: Broker, topology: Topology) -> None:
    publish(broker, [message(topology, number) for number in range(3)])
    broker.declare(topology)
    broker.declare(topology)
    subscriber = broker.subscriber(topology.queue, 10)
    assert numbers(receive_and_ack(subscriber, 3)) == [0, 1, 2]
    subscriber.close()


def test_each_queue_gets_a_copy_of_what_its_patterns_take_and_nothing_else(
    broker: Broker, topology: Topology, neighbour: Topology
) -> None:
    keys = ["ledger.a", "ledger.a.b", "ledger.x.y.b", "ledger"]
    publish(broker, [message(topology, n, routing_key=key) for n, key in enumerate(keys)])
    everything = broker.subscriber(topology.queue, 10)
    some = broker.subscriber(neighbour.queue, 10)
    assert numbers(receive_and_ack(everything, 4)) == [0, 1, 2, 3]
    assert numbers(receive_and_ack(some, 1)) == [1]
    assert nothing_more(some)
    everything.close()
    some.close()


def test_a_slow_neighbour_holds_nobody_up(
    broker: Broker, topology: Topology, neighbour: Topology
) -> None:
    publish(broker, [message(topology, n, routing_key="ledger.a.b") for n in range(5)])
    slow, quick = broker.subscriber(neighbour.queue, 10), broker.subscriber(topology.queue, 10)
    receive(slow, 1)
    assert numbers(receive_and_ack(quick, 5)) == list(range(5))
    slow.close()
    quick.close()


def test_a_waiting_message_returns_to_its_own_queue_alone_and_unchanged(
    broker: Broker, topology: Topology, neighbour: Topology
) -> None:
    original = structs.replace(
        message(topology, 7, routing_key="ledger.a.b"), body=b'{ "a" : 1.0 }'
    )
    queue = topology.retry_queue(timedelta(milliseconds=200))
    publish(broker, [to_queue(queue, original)])
    subscriber, other = (broker.subscriber(t.queue, 10) for t in (topology, neighbour))
    [delivery] = receive_and_ack(subscriber, 1)
    assert delivery.message.body == original.body
    assert delivery.message.headers[ID_HEADER] == "7"
    assert delivery.message.message_id == original.message_id
    assert delivery.message.type == original.type
    assert nothing_more(other)
    subscriber.close()
    other.close()


def test_a_waiting_message_holds_up_none_that_come_meanwhile(
    broker: Broker, topology: Topology
) -> None:
    queue = topology.retry_queue(timedelta(milliseconds=200))
    publish(broker, [to_queue(queue, message(topology, 1)), message(topology, 2)])
    subscriber = broker.subscriber(topology.queue, 10)
    assert numbers(receive_and_ack(subscriber, 2)) == [2, 1]
    subscriber.close()


def test_the_state_of_a_queue_counts_what_is_ready(broker: Broker, topology: Topology) -> None:
    publish(broker, [message(topology, number) for number in range(4)])
    wait_until(
        lambda: broker.queue_state(topology.queue).ready == 4, patience=PATIENCE, what="4 ready"
    )


def test_the_state_of_a_queue_that_does_not_exist_is_an_error(broker: Broker) -> None:
    with pytest.raises(BrokerUnavailable):
        broker.queue_state("no.such.queue")


def test_an_observer_looks_again_and_again_also_after_an_error(
    broker: Broker, topology: Topology
) -> None:
    observer = broker.observer()
    assert observer.queue_state(topology.queue).ready == 0
    publish(broker, [message(topology, number) for number in range(4)])
    wait_until(
        lambda: observer.queue_state(topology.queue).ready == 4, patience=PATIENCE, what="4 ready"
    )
    with pytest.raises(BrokerUnavailable):
        observer.queue_state("no.such.queue")
    assert observer.queue_state(topology.queue).ready == 4
    observer.close()
    observer.close()


def test_a_purged_queue_is_empty(broker: Broker, topology: Topology) -> None:
    publish(broker, [message(topology, number) for number in range(4)])
    broker.purge(topology.queue)
    subscriber = broker.subscriber(topology.queue, 10)
    assert nothing_more(subscriber)
    subscriber.close()
