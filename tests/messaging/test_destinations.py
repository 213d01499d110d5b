"""Where events go: to the exchange, to the log, or to both; and when they are done with."""

import uuid
from collections.abc import Iterator

import orjson
import pika
import pytest
from pytest_django import Settings

from messaging.brokers import Broker
from messaging.brokers.interface import Confirmation, Topology
from messaging.destinations import addressed, refusals
from messaging.models import OutboxEvent
from messaging.outbox import unsent
from messaging.relay import Relay
from tests.messaging.conformance.messages import receive_and_ack
from tests.messaging.conformance.test_logs import read
from tests.messaging.events import Counted, Elsewhere, Unheard
from tests.messaging.running import PATIENCE, at_work, until_empty, write
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log(settings: Settings, messaging: Topology, broker_url: str) -> Iterator[str]:
    """A log of this test's own, which the relay declares."""
    log = f"test.{uuid.uuid4().hex[:12]}.log"
    settings.MESSAGING = {
        **settings.MESSAGING,
        "LOG": log,
        "LOGGED": ["ledger.counted", "elsewhere.*"],
        "ONLY_LOGGED": ["ledger.unheard"],
    }
    yield log
    if broker_url.startswith("amqp"):
        with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
            connection.channel().queue_delete(log)


def in_log(broker: Broker, log: str, count: int) -> list[int]:
    """Return the numbers of what the log has, in its order."""
    reader = broker.reader(log, 0)
    entries = read(reader, count)
    reader.close()
    return [orjson.loads(entry.message.body)["number"] for entry in entries]


def test_an_event_that_is_logged_reaches_the_queue_and_the_log(
    broker: Broker, messaging: Topology, log: str
) -> None:
    write(Counted(number=1), Unheard(number=2), Counted(number=3))
    with at_work(Relay) as health:
        until_empty()
        assert health.as_json()["counts"]["published"] == 3
    assert in_log(broker, log, 3) == [1, 2, 3]
    subscriber = broker.subscriber(messaging.queue, 10)
    found = [orjson.loads(each.message.body)["number"] for each in receive_and_ack(subscriber, 2)]
    subscriber.close()
    assert found == [1, 3]


def test_an_event_that_the_log_alone_takes_is_not_done_with(
    broker: Broker, messaging: Topology, log: str
) -> None:
    write(Elsewhere(number=1))
    with at_work(Relay) as health:
        wait_until(
            lambda: health.as_json().get("set_aside") == 1, patience=PATIENCE, what="set aside"
        )
        assert in_log(broker, log, 1) == [1]
        assert [row.type for row in OutboxEvent.objects.all()] == ["elsewhere.counted"]


def test_an_event_that_the_queue_alone_takes_is_not_done_with(
    settings: Settings, broker: Broker, messaging: Topology, log: str
) -> None:
    write(Counted(number=1))
    with at_work(Relay):
        until_empty()  # which has declared the log
        settings.MESSAGING = {**settings.MESSAGING, "LOG": "no.such.log"}
        write(Counted(number=2))
        subscriber = broker.subscriber(messaging.queue, 10)
        receive_and_ack(subscriber, 2)
        subscriber.close()
        assert OutboxEvent.objects.count() == 1


def test_one_of_two_messages_that_ends_the_connection_is_known_by_its_row(log: str) -> None:
    write(Counted(number=1))
    owners, messages = addressed(unsent(1))
    assert len(messages) == 2
    found = refusals(owners, Confirmation(confirmed=0, problem="too large", one_refused=True))
    assert [refusal.lasting for refusal in found.values()] == [True]
