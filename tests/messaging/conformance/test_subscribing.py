"""What every broker promises a subscriber."""

import threading

import pytest

from messaging.brokers import Broker
from messaging.brokers.interface import Delivery, Topology
from messaging.errors import NotOwned
from tests.messaging.conformance.messages import (
    PATIENCE,
    message,
    nothing_more,
    numbers,
    publish,
    receive,
    receive_and_ack,
    trusting_subscriber,
)
from tools.children import wait_until


def test_a_subscriber_that_starts_late_receives_what_was_published_before(
    broker: Broker, topology: Topology
) -> None:
    publish(broker, [message(topology, number) for number in range(10)])
    late = broker.subscriber(topology.queue, 10)
    assert numbers(receive_and_ack(late, 10)) == list(range(10))
    late.close()


def test_an_acked_message_is_not_delivered_again(broker: Broker, topology: Topology) -> None:
    publish(broker, [message(topology, number) for number in range(5)])
    first = broker.subscriber(topology.queue, 10)
    receive_and_ack(first, 5)
    first.close()
    second = broker.subscriber(topology.queue, 10)
    assert nothing_more(second)
    second.close()


def test_unacked_messages_come_again_in_order_when_their_subscriber_closes(
    broker: Broker, topology: Topology
) -> None:
    first = trusting_subscriber(broker, topology, 10)
    publish(broker, [message(topology, number) for number in range(6)])
    held = receive(first, 6)
    first.ack(held[:2])
    first.close()
    publish(broker, [message(topology, number) for number in range(6, 9)])
    second = broker.subscriber(topology.queue, 10)
    again = receive_and_ack(second, 7)
    second.close()
    assert numbers(again) == list(range(2, 9))
    assert [delivery.redelivered for delivery in again] == [True] * 4 + [False] * 3


def test_messages_that_came_back_are_handed_out_one_at_a_time(
    broker: Broker, topology: Topology
) -> None:
    first = trusting_subscriber(broker, topology, 10)
    publish(broker, [message(topology, number) for number in range(4)])
    receive(first, 4)
    first.close()
    second = broker.subscriber(topology.queue, 10)
    for number in range(4):
        batch = second.receive(10, PATIENCE)
        assert numbers(batch) == [number]
        second.ack(batch)
    second.close()


def test_acks_may_come_out_of_order(broker: Broker, topology: Topology) -> None:
    first = trusting_subscriber(broker, topology, 10)
    publish(broker, [message(topology, number) for number in range(6)])
    held = receive(first, 6)
    first.ack([held[4], held[1]])
    first.ack([held[5]])
    first.ack([])
    first.close()
    second = broker.subscriber(topology.queue, 10)
    assert numbers(receive_and_ack(second, 3)) == [0, 2, 3]
    assert nothing_more(second)
    second.close()


def test_no_more_than_the_prefetch_is_held(broker: Broker, topology: Topology) -> None:
    subscriber = trusting_subscriber(broker, topology, 5)
    publish(broker, [message(topology, number) for number in range(20)])
    held: list[Delivery] = []
    while batch := subscriber.receive(20, 1):
        held += batch
    assert numbers(held) == list(range(5))
    wait_until(
        lambda: broker.queue_state(topology.queue).ready == 15, patience=PATIENCE, what="15 ready"
    )
    subscriber.ack(held)
    assert numbers(receive_and_ack(subscriber, 15)) == list(range(5, 20))
    subscriber.close()


def test_receive_answers_at_most_as_many_as_asked_for(broker: Broker, topology: Topology) -> None:
    publish(broker, [message(topology, number) for number in range(10)])
    subscriber = broker.subscriber(topology.queue, 10)
    sizes = []
    while batch := subscriber.receive(3, 1):
        subscriber.ack(batch)
        sizes.append(len(batch))
    subscriber.close()
    assert sum(sizes) == 10
    assert max(sizes) <= 3


def test_receive_answers_nothing_when_nothing_comes(broker: Broker, topology: Topology) -> None:
    subscriber = broker.subscriber(topology.queue, 10)
    assert subscriber.receive(1, 0.1) == []
    subscriber.close()


def test_a_message_is_received_while_its_subscriber_waits(
    broker: Broker, topology: Topology
) -> None:
    subscriber = broker.subscriber(topology.queue, 10)
    subscriber.receive(1, 0)
    got: list[Delivery] = []
    waiting = threading.Thread(target=lambda: got.extend(subscriber.receive(1, PATIENCE)))
    waiting.start()
    publish(broker, [message(topology, 1)])
    waiting.join()
    subscriber.close()
    assert numbers(got) == [1]


def test_closing_ends_a_waiting_receive_and_may_be_repeated(
    broker: Broker, topology: Topology
) -> None:
    subscriber = broker.subscriber(topology.queue, 10)
    subscriber.receive(1, 0)
    got: list[list[Delivery]] = []
    waiting = threading.Thread(target=lambda: got.append(subscriber.receive(1, 600)))
    waiting.start()
    subscriber.close()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()
    assert got == [[]]
    subscriber.close()
    assert subscriber.receive(1, 600) == []
    assert not subscriber.consuming()


def test_an_ack_after_the_connection_is_gone_is_refused(broker: Broker, topology: Topology) -> None:
    publish(broker, [message(topology, 1)])
    subscriber = broker.subscriber(topology.queue, 10)
    held = receive(subscriber, 1)
    subscriber.close()
    with pytest.raises(NotOwned):
        subscriber.ack(held)
    other = broker.subscriber(topology.queue, 10)
    assert numbers(receive_and_ack(other, 1)) == [1]
    other.close()


def test_a_subscriber_cannot_ack_what_another_holds(broker: Broker, topology: Topology) -> None:
    publish(broker, [message(topology, 1)])
    first = broker.subscriber(topology.queue, 10)
    held = receive(first, 1)
    first.close()
    second = broker.subscriber(topology.queue, 10)
    again = receive(second, 1)
    with pytest.raises(NotOwned):
        first.ack(held)
    second.ack(again)
    second.close()


def test_a_subscriber_tells_whether_the_broker_knows_it(broker: Broker, topology: Topology) -> None:
    subscriber = broker.subscriber(topology.queue, 10)
    assert not subscriber.consuming()
    subscriber.receive(1, 0)
    wait_until(subscriber.consuming, patience=PATIENCE, what="a consumer")
    subscriber.close()
    assert not subscriber.consuming()
