"""A connection that is lost costs a repetition, and nothing else."""

import dataclasses
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from messaging.brokers.interface import Log, Topology
from messaging.brokers.rabbitmq import RabbitMQBroker
from messaging.brokers.rabbitmq.connection import HEARTBEAT
from messaging.brokers.rabbitmq.reader import RabbitMQReader
from messaging.brokers.rabbitmq.subscriber import RabbitMQSubscriber
from messaging.consumer import Consumer
from messaging.errors import BrokerUnavailable, NotOwned
from messaging.events import Event
from tests.messaging import handlers
from tests.messaging.conformance.messages import message, publish, receive, to_queue
from tests.messaging.events import Counted
from tests.messaging.running import PATIENCE, at_work, numbers_entered, sent
from tools.children import wait_until


def cut(user: RabbitMQSubscriber | RabbitMQReader) -> None:
    """Have its connection end as when a cable is pulled."""
    assert user._link is not None
    connection = user._link.connection
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


def test_a_reader_of_a_log_goes_on_behind_what_it_has_read(
    broker: RabbitMQBroker, topology: Topology, channel: BlockingChannel
) -> None:
    log = Log(name=f"{topology.queue}.log", max_age=timedelta(days=1), max_bytes=10_000_000)
    broker.declare(dataclasses.replace(topology, log=log))
    publish(broker, [to_queue(log.name, message(topology, number)) for number in range(4)])
    reader = broker.reader(log.name, 0)
    found = [entry.offset for entry in reader.read(2, PATIENCE)]
    cut(reader)
    publish(broker, [to_queue(log.name, message(topology, 4))])

    def all_are_read() -> bool:
        with suppress(BrokerUnavailable):  # the cut, once what had come before it is read
            found.extend(entry.offset for entry in reader.read(2, 0.5))
        return len(found) >= 5

    wait_until(all_are_read, patience=PATIENCE, what="the rest of the log")
    reader.close()
    channel.queue_delete(log.name)
    assert found == [0, 1, 2, 3, 4]


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
