"""What every broker promises a publisher."""

import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from messaging.brokers import Broker, broker_for
from messaging.brokers.interface import Topology
from messaging.conf import messaging_settings
from messaging.errors import BrokerUnavailable
from messaging.events import ID_HEADER
from tests.messaging.conformance.messages import (
    PATIENCE,
    message,
    numbers,
    publish,
    receive,
    receive_and_ack,
    to_queue,
)
from tests.simulation.broker import SimulatedBroker
from tools.ports import free_port

THREADS, EACH = 8, 250


@pytest.mark.parametrize(
    "body", [b"1", "“Ünïcode” 🙂 \u202eright to left".encode(), bytes(range(256)), b"x" * 1_000_000]
)
def test_a_message_arrives_as_it_was_published(
    broker: Broker, topology: Topology, body: bytes
) -> None:
    sent = replace(
        message(topology),
        body=body,
        headers={ID_HEADER: "é🙂", "number": 7, "flag": True, "nothing": None},
        content_type="application/json; charset=utf-8",
    )
    publish(broker, [sent])
    subscriber = broker.subscriber(topology.queue, 10)
    [delivery] = receive(subscriber, 1)
    subscriber.close()
    assert delivery.message == sent
    assert not delivery.redelivered


def test_messages_arrive_in_the_order_in_which_they_were_published(
    broker: Broker, topology: Topology
) -> None:
    publish(broker, [message(topology, number) for number in range(300)])
    subscriber = broker.subscriber(topology.queue, 50)
    assert numbers(receive_and_ack(subscriber, 300)) == list(range(300))
    subscriber.close()


def test_batches_sent_without_waiting_are_confirmed_each_and_arrive_in_order(
    broker: Broker, topology: Topology
) -> None:
    publisher = broker.publisher()
    pending = [
        publisher.send([message(topology, start + number) for number in range(20)])
        for start in range(0, 200, 20)
    ]
    confirmations = [one.wait(PATIENCE) for one in pending]
    assert [c.confirmed for c in confirmations if c is not None] == [20] * 10
    assert all(one.done() for one in pending)
    publisher.close()
    subscriber = broker.subscriber(topology.queue, 50)
    assert numbers(receive_and_ack(subscriber, 200)) == list(range(200))
    subscriber.close()


def test_an_empty_batch_is_confirmed_at_once(broker: Broker, topology: Topology) -> None:
    publisher = broker.publisher()
    confirmation = publisher.send([]).wait(PATIENCE)
    publisher.close()
    assert confirmation is not None
    assert (confirmation.confirmed, confirmation.problem) == (0, None)


def test_a_message_that_no_queue_takes_is_not_confirmed_but_those_before_it_are(
    broker: Broker, topology: Topology
) -> None:
    publisher = broker.publisher()
    batch = [
        message(topology, 1),
        message(topology, 2),
        message(topology, 3, routing_key="elsewhere.counted"),
        message(topology, 4),
    ]
    confirmation = publisher.send(batch).wait(PATIENCE)
    publisher.close()
    assert confirmation is not None
    assert confirmation.confirmed == 2
    assert "elsewhere.counted" in str(confirmation.problem)


@pytest.mark.parametrize("attempts", [{}, {"messaging_attempts": 1}], ids=["first", "retried"])
def test_a_message_for_a_queue_that_does_not_exist_is_not_confirmed(
    broker: Broker, topology: Topology, attempts: dict[str, int]
) -> None:
    publisher = broker.publisher()
    lost = to_queue(f"{topology.queue}.nowhere", replace(message(topology), headers=attempts))
    confirmation = publisher.send([lost]).wait(PATIENCE)
    publisher.close()
    assert confirmation is not None
    assert confirmation.confirmed == 0


def test_a_message_published_twice_arrives_twice(broker: Broker, topology: Topology) -> None:
    twice = message(topology, 5)
    publish(broker, [twice, twice])
    subscriber = broker.subscriber(topology.queue, 10)
    assert numbers(receive_and_ack(subscriber, 2)) == [5, 5]
    subscriber.close()


def test_many_threads_publish_on_one_publisher_and_nothing_is_lost(
    broker: Broker, topology: Topology
) -> None:
    publisher = broker.publisher()
    problems: list[object] = []

    def work(thread: int) -> None:
        for number in range(0, EACH, 25):
            batch = [message(topology, thread * EACH + number + one) for one in range(25)]
            confirmation = publisher.send(batch).wait(PATIENCE)
            if confirmation is None or confirmation.problem is not None:
                problems.append(confirmation)

    threads = [threading.Thread(target=work, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    publisher.close()
    assert problems == []
    subscriber = broker.subscriber(topology.queue, 500)
    received = numbers(receive_and_ack(subscriber, THREADS * EACH))
    subscriber.close()
    assert sorted(received) == list(range(THREADS * EACH))


def test_a_publisher_works_again_after_it_was_closed(broker: Broker, topology: Topology) -> None:
    publisher = broker.publisher()
    for number in range(3):
        confirmation = publisher.send([message(topology, number)]).wait(PATIENCE)
        assert confirmation is not None
        assert confirmation.confirmed == 1
        publisher.close()
        publisher.close()
    subscriber = broker.subscriber(topology.queue, 10)
    assert numbers(receive_and_ack(subscriber, 3)) == [0, 1, 2]
    subscriber.close()


def test_a_broker_that_is_not_there_is_said_when_first_needed_and_not_before(
    broker: Broker, broker_url: str, tmp_path: Path
) -> None:
    nowhere = broker if isinstance(broker, SimulatedBroker) else _nowhere(broker_url, tmp_path)
    if isinstance(broker, SimulatedBroker):
        broker.go_away(PATIENCE)
    publisher, subscriber = nowhere.publisher(), nowhere.subscriber("queue", 10)
    with pytest.raises(BrokerUnavailable):
        publisher.open()
    with pytest.raises(BrokerUnavailable):
        subscriber.receive(1, 0.1)
    assert not subscriber.consuming()
    publisher.close()
    subscriber.close()


def _nowhere(broker_url: str, folder: Path) -> Broker:
    """Return a broker of the same kind where there is none."""
    if broker_url.startswith("amqp"):
        url = f"amqp://guest:guest@127.0.0.1:{free_port()}/"
    else:
        (folder / "file").write_text("no folder")
        url = f"sqlite:///{folder / 'file' / 'broker.sqlite3'}"
    return broker_for(url, "test", fast=messaging_settings().amqp_fast)
