"""What RabbitMQ refuses with the end of a channel: it does not say which message it was."""

import pika
import pytest
from django.conf import settings
from msgspec.structs import replace
from pika import BasicProperties

from messaging.brokers import Broker
from messaging.brokers.interface import Topology
from messaging.consumer import Consumer
from messaging.models import DeadLetter
from tests.messaging import handlers
from tests.messaging.conformance.messages import PATIENCE, message, publish
from tests.messaging.events import Counted, Troubled
from tests.messaging.running import at_work, numbers_entered, sent, until_entries
from tools.children import wait_until

LARGEST_FRAME = 131_072  # bytes, as RabbitMQ and pika agree


def test_one_that_ends_the_channel_alone_is_known_as_the_refused_one(
    broker: Broker, topology: Topology
) -> None:
    strange = replace(message(topology), headers={"CC": "must be a list"})
    publisher = broker.publisher()
    confirmation = publisher.send([strange]).wait(PATIENCE)
    publisher.close()
    assert confirmation is not None
    assert confirmation.confirmed == 0
    assert confirmation.refused[0].lasting
    assert "406" in confirmation.refused[0].reason


def test_of_several_on_their_way_it_is_only_known_that_it_is_one_of_them(
    broker: Broker, topology: Topology
) -> None:
    strange = replace(message(topology), headers={"CC": "must be a list"})
    publisher = broker.publisher()
    confirmation = publisher.send([message(topology), strange, message(topology)]).wait(PATIENCE)
    publisher.close()
    assert confirmation is not None
    assert confirmation.one_refused
    assert not confirmation.refused


@pytest.mark.django_db(transaction=True)
def test_a_message_whose_headers_leave_no_room_for_the_count_of_attempts_is_parked_when_it_fails(
    broker: Broker, messaging: Topology
) -> None:
    handlers.FAILING.add(7)
    troubled = sent(messaging, Troubled(number=7))
    properties = BasicProperties(
        content_type="application/json", headers={**troubled.headers, "pad": ""}
    )
    room = LARGEST_FRAME - 8 - 12 - sum(map(len, properties.encode()))
    properties.headers["pad"] = "x" * (room - 10)
    with pika.BlockingConnection(pika.URLParameters(settings.BROKER_URL)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", messaging.queue, troubled.body, properties)
    publish(broker, [sent(messaging, Counted(number=1))])
    with at_work(Consumer):
        until_entries(1)
        wait_until(lambda: DeadLetter.objects.count() == 1, patience=PATIENCE, what="a dead letter")
    assert numbers_entered() == [1]
    letter = DeadLetter.objects.get()
    assert (letter.reason, letter.attempts) == ("failed", 1)
