"""A connection that is lost costs a repetition, and nothing else."""

from collections.abc import Sequence
from typing import Any

import pytest

from messaging.brokers.interface import Topology
from messaging.brokers.rabbitmq import RabbitMQBroker
from messaging.brokers.rabbitmq.connection import HEARTBEAT
from messaging.brokers.rabbitmq.subscriber import RabbitMQSubscriber
from messaging.consumer import Consumer
from messaging.errors import BrokerUnavailable, NotOwned
from messaging.events import Event
from tests.messaging import handlers
from tests.messaging.conformance.messages import message, publish, receive
from tests.messaging.events import Counted
from tests.messaging.running import PATIENCE, at_work, numbers_entered, sent
from tools.children import wait_until


def cut(subscriber: RabbitMQSubscriber) -> None:
    """Have its connection end as when a cable is pulled."""
    assert subscriber._link is not None
    connection = subscriber._link.connection
    connection.call(lambda: connection.abandon("cut"))
    wait_until(lambda: connection.lost is not None, patience=PATIENCE, what="the cut")


def test_the_broker_learns_at_once_of_a_connection_that_was_given_up(
    broker: RabbitMQBroker, topology: Topology
) -> None:
    def consumers() -> int | None:
        return broker.queue_state(topology.queue).consumers

    subscriber = broker.subscriber(topology.queue, 10)
    subscriber.receive(1, 0)
    wait_until(lambda: consumers() == 1, patience=PATIENCE, what="a consumer")
    cut(subscriber)
    # Else it would be found by heartbeats, two of them at the least.
    wait_until(lambda: consumers() == 0, patience=HEARTBEAT.total_seconds(), what="none")


def test_what_came_by_a_lost_connection_can_not_be_acked_on_the_next(
    broker: RabbitMQBroker, topology: Topology
) -> None:
    publish(broker, [message(topology, 1)])
    subscriber = broker.subscriber(topology.queue, 10)
    held = receive(subscriber, 1)
    cut(subscriber)
    with pytest.raises(BrokerUnavailable, match="cut"):
        subscriber.receive(1, 0)
    again = receive(subscriber, 1)
    with pytest.raises(NotOwned):
        subscriber.ack(held)
    subscriber.ack(again)
    subscriber.close()


@pytest.mark.django_db(transaction=True)
def test_what_was_handled_when_its_connection_was_lost_comes_again_and_counts_once(
    broker: RabbitMQBroker, messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribers: list[RabbitMQSubscriber] = []
    subscriber = broker.subscriber

    def kept(*given: Any, **named: Any) -> RabbitMQSubscriber:
        subscribers.append(subscriber(*given, **named))
        return subscribers[-1]

    def cutting(events: Sequence[Event]) -> None:
        handlers.count(events)
        if len(subscribers) == 2:  # the queue's and that of its dead letters: the first connection
            cut(subscribers[0])

    monkeypatch.setattr(broker, "subscriber", kept)
    monkeypatch.setitem(handlers.HANDLERS, Counted.type, cutting)
    publish(broker, [sent(messaging, Counted(number=1))])
    with at_work(Consumer, broker) as health:
        wait_until(
            lambda: health.as_json()["counts"].get("repeated") == 1, patience=PATIENCE, what="again"
        )
    assert numbers_entered() == [1]


def test_a_peer_that_is_gone_without_a_word_is_found_by_heartbeats(
    broker: RabbitMQBroker,
) -> None:
    publisher = broker.publisher()
    publisher.open()
    assert publisher._link is not None
    opened: Any = publisher._link.connection._pika
    assert opened.params.heartbeat == HEARTBEAT.total_seconds()
    publisher.close()
