"""What every broker promises when several subscribe to one queue, and when one dies."""

import threading

from messaging.brokers import Broker
from messaging.brokers.interface import Topology
from messaging.events import ID_HEADER
from tests.messaging.conformance.conftest import DieHolding
from tests.messaging.conformance.messages import (
    PATIENCE,
    message,
    nothing_more,
    numbers,
    publish,
    receive,
    receive_and_ack,
)


def test_one_subscriber_is_active_at_a_time_and_the_other_takes_over(
    broker: Broker, topology: Topology
) -> None:
    first, second = (broker.subscriber(topology.queue, 10) for _ in range(2))
    first.receive(1, 0.2)
    second.receive(1, 0.2)
    publish(broker, [message(topology, 0)])
    receive(first, 1)
    publish(broker, [message(topology, number) for number in range(1, 5)])
    assert nothing_more(second)
    first.close()
    assert sorted(numbers(receive_and_ack(second, 5))) == list(range(5))
    second.close()


def test_messages_that_a_killed_process_held_are_delivered_again(
    broker: Broker, topology: Topology, die_holding: DieHolding
) -> None:
    publish(broker, [message(topology, number) for number in range(6)])
    die_holding(topology, 3, 1)
    subscriber = broker.subscriber(topology.queue, 10)
    again = receive_and_ack(subscriber, 5)
    assert numbers(again) == list(range(1, 6))
    assert all(delivery.redelivered for delivery in again[:3])
    assert nothing_more(subscriber)
    subscriber.close()


def test_a_waiting_subscriber_takes_over_from_a_killed_process(
    broker: Broker, topology: Topology, die_holding: DieHolding
) -> None:
    publish(broker, [message(topology, number) for number in range(4)])
    waiting = broker.subscriber(topology.queue, 10)
    dying = threading.Thread(target=die_holding, args=[topology, 3, 1])
    dying.start()
    dying.join()
    assert numbers(receive_and_ack(waiting, 3)) == [1, 2, 3]
    waiting.close()


def test_a_message_that_kills_each_process_ends_in_the_dead_letter_queue_alone(
    broker: Broker, topology: Topology, die_holding: DieHolding
) -> None:
    publish(broker, [message(topology, number) for number in range(3)])
    for _ in range(topology.delivery_limit + 1):
        die_holding(topology, 1, 0)
    subscriber = broker.subscriber(topology.queue, 10)
    assert numbers(receive_and_ack(subscriber, 2)) == [1, 2]
    assert nothing_more(subscriber)
    subscriber.close()
    dead = broker.subscriber(topology.dead_letter_queue, 10)
    [letter] = receive_and_ack(dead, 1)
    dead.close()
    assert letter.message.body == b"0"
    assert letter.message.headers[ID_HEADER] == "0"


def test_a_subscriber_that_closes_amid_a_stream_loses_and_doubles_nothing(
    broker: Broker, topology: Topology
) -> None:
    acked: list[int] = []
    publish(broker, [message(topology, number) for number in range(200)])
    for _ in range(5):
        subscriber = broker.subscriber(topology.queue, 20)
        batch = subscriber.receive(15, PATIENCE)
        subscriber.ack(batch)
        acked += numbers(batch)
        subscriber.close()
    last = broker.subscriber(topology.queue, 100)
    acked += numbers(receive_and_ack(last, 200 - len(acked)))
    assert nothing_more(last)
    last.close()
    # What one of them held may come a little after what it did not.
    assert sorted(acked) == list(range(200))
