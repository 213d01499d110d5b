"""Messages of foreign publishers, as strange as AMQP allows: parked, and hold up no other."""

import struct
from typing import Any

import pika
import pytest
from django.conf import settings
from pika import BasicProperties

from messaging.brokers import Broker
from messaging.brokers.interface import Topology
from messaging.consumer import Consumer
from messaging.events import ID_HEADER, SOURCE_HEADER, SPECVERSION_HEADER, TYPE_HEADER
from messaging.models import DeadLetter
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted
from tests.messaging.running import PATIENCE, at_work, numbers_entered, sent, until_entries
from tools.children import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("messaging")]


EVENT = {
    SPECVERSION_HEADER: "1.0",
    ID_HEADER: "1",
    SOURCE_HEADER: "/elsewhere",
    TYPE_HEADER: "ledger.counted",
}

DEEP: dict[str, Any] = {}
for _ in range(300):
    DEEP = {"d": DEEP}


class Timed(BasicProperties):
    """A header with a time in microseconds, whose year no calendar has."""

    def encode(self) -> list[bytes]:
        field = b"\x04timeT" + struct.pack(">Q", 1_800_000_000_000_000)
        return [struct.pack(">HL", self.FLAG_HEADERS, len(field)), field]


def put(place: tuple[str, Any], properties: BasicProperties) -> None:
    """Publish as nobody here does."""
    with pika.BlockingConnection(pika.URLParameters(settings.BROKER_URL)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(*place, b"strange", properties)


@pytest.mark.parametrize(
    "strange",
    [
        {"headers": {b"\xff": "1"}},
        {"headers": {"name": b"\xff"}},
        {"headers": DEEP},
        {"headers": {"table": {b"\xff": [b"\xff"]}}},
        {"content_type": b"\xff", "headers": EVENT},
        {"type": b"\xff"},
        {"type": b"\xff" * 100},
        {"message_id": b"\xff"},
        {"headers": {**EVENT, SOURCE_HEADER: "a\x00b"}},
        {"headers": {**EVENT, "messaging_attempts": 2**62}},
        {"headers": {"messaging_attempts": 2**62}},
        {},
    ],
    ids=lambda strange: str(strange)[:40],
)
def test_a_strange_message_is_parked_and_holds_up_no_other(
    broker: Broker, messaging: Topology, strange: dict[str, Any]
) -> None:
    put(("", messaging.queue), BasicProperties(**strange))
    publish(broker, [sent(messaging, Counted(number=1))])
    with at_work(Consumer):
        until_entries(1)
        wait_until(lambda: DeadLetter.objects.count() == 1, patience=PATIENCE, what="a dead letter")
    assert numbers_entered() == [1]
    assert bytes(DeadLetter.objects.get().body) == b"strange"


def test_neither_does_one_whose_header_cannot_be_read(broker: Broker, messaging: Topology) -> None:
    put(("", messaging.queue), Timed())
    publish(broker, [sent(messaging, Counted(number=1))])
    with at_work(Consumer):
        until_entries(1)
        wait_until(lambda: DeadLetter.objects.count() == 1, patience=PATIENCE, what="a dead letter")
    letter = DeadLetter.objects.get()
    assert bytes.fromhex(letter.headers["undecodable_properties"]).endswith(
        struct.pack(">Q", 1_800_000_000_000_000)
    )


def test_nor_one_whose_routing_key_is_no_text(broker: Broker, messaging: Topology) -> None:
    put((messaging.exchange, b"ledger.\xff"), BasicProperties())
    publish(broker, [sent(messaging, Counted(number=1))])
    with at_work(Consumer):
        until_entries(1)
        wait_until(lambda: DeadLetter.objects.count() == 1, patience=PATIENCE, what="a dead letter")
    assert DeadLetter.objects.get().type == "ledger.\\xff"
