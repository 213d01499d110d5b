"""Messages for the conformance tests, and patient receiving."""

import time
import uuid
from collections.abc import Iterable

from msgspec.structs import replace

from messaging.brokers import Broker
from messaging.brokers.interface import Delivery, Subscriber, Topology
from messaging.events import ID_HEADER, Message

PATIENCE = 20.0  # seconds; what is awaited comes in milliseconds on an idle machine


def message(topology: Topology, number: int = 0, routing_key: str = "ledger.counted") -> Message:
    """Return a message whose body is its number."""
    return Message(
        exchange=topology.exchange,
        routing_key=routing_key,
        body=str(number).encode(),
        headers={ID_HEADER: str(number)},
        message_id=uuid.uuid4().hex,
        type=routing_key,
    )


def to_queue(queue: str, original: Message) -> Message:
    """Return the message addressed to one queue through the default exchange."""
    return replace(original, exchange="", routing_key=queue)


def publish(broker: Broker, messages: Iterable[Message]) -> None:
    """Publish, and see that all are confirmed."""
    publisher = broker.publisher()
    sent = list(messages)
    confirmation = publisher.send(sent).wait(PATIENCE)
    publisher.close()
    assert confirmation is not None
    assert confirmation.problem is None
    assert confirmation.confirmed == len(sent)


def receive(subscriber: Subscriber, count: int, patience: float = PATIENCE) -> list[Delivery]:
    """Receive until there are `count` deliveries, in as many calls as it takes."""
    received: list[Delivery] = []
    deadline = time.monotonic() + patience
    while len(received) < count and time.monotonic() < deadline:
        received += subscriber.receive(count - len(received), 0.5)
    assert len(received) == count, f"{len(received)} of {count} came"
    return received


def receive_and_ack(subscriber: Subscriber, count: int) -> list[Delivery]:
    """Receive as `receive` does, and ack each batch as it comes."""
    received: list[Delivery] = []
    deadline = time.monotonic() + PATIENCE
    while len(received) < count and time.monotonic() < deadline:
        batch = subscriber.receive(count - len(received), 0.5)
        subscriber.ack(batch)
        received += batch
    assert len(received) == count, f"{len(received)} of {count} came"
    return received


def trusting_subscriber(broker: Broker, topology: Topology, prefetch: int) -> Subscriber:
    """Return a subscriber that has acked a message, and so is given many at once."""
    subscriber = broker.subscriber(topology.queue, prefetch)
    publish(broker, [message(topology)])
    receive_and_ack(subscriber, 1)
    return subscriber


def numbers(deliveries: Iterable[Delivery]) -> list[int]:
    """Return the numbers of the messages."""
    return [int(delivery.message.body) for delivery in deliveries]


def nothing_more(subscriber: Subscriber) -> bool:
    """Return whether no message comes in a while."""
    return subscriber.receive(1, 0.3) == []
