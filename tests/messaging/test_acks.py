"""A message is acked after the commit of its handling, and not before."""

import signal
from collections.abc import Sequence

import pytest
from django.db import connection

from messaging.brokers import Broker
from messaging.brokers.interface import Delivery, Subscriber, Topology
from messaging.consumer import Consumer
from messaging.models import DeadLetter
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted, Troubled, Unheard
from tests.messaging.running import (
    PATIENCE,
    at_work,
    numbers_entered,
    process,
    sent,
    until_drained,
    until_entries,
)
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("fault", ["after_handling:kill:1", "after_commit:kill:1"])
def test_a_consumer_killed_around_its_commit_neither_loses_nor_doubles(
    broker: Broker, messaging: Topology, fault: str
) -> None:
    publish(broker, [sent(messaging, Counted(number=number)) for number in range(10)])
    with process("consume", fault=fault) as killed:
        assert killed.wait(PATIENCE) == -signal.SIGKILL
    with at_work(Consumer):
        until_entries(10)
        until_drained(broker, messaging)
    assert numbers_entered() == list(range(10))


def test_no_ack_is_sent_inside_a_transaction(
    broker: Broker, messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(broker.subscriber(messaging.queue, 1))
    acked_inside: list[bool] = []

    def watched(subscriber: Subscriber, deliveries: Sequence[Delivery]) -> None:
        acked_inside.append(connection.in_atomic_block)
        acked(subscriber, deliveries)

    acked = kind.ack
    monkeypatch.setattr(kind, "ack", watched)
    publish(broker, [sent(messaging, Counted(number=number)) for number in range(5)])
    publish(broker, [sent(messaging, Troubled(number=5, note="always fail"))])
    publish(broker, [sent(messaging, Unheard(number=6))])
    with at_work(Consumer):
        wait_until(lambda: DeadLetter.objects.count() == 2, patience=PATIENCE, what="both parked")
        until_drained(broker, messaging)
    assert set(acked_inside) == {False}
