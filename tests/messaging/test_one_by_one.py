"""After a batch has failed its messages are handled one by one, each as safely as a batch."""

import signal
from collections.abc import Sequence

import pytest
from django.db import OperationalError

from messaging.brokers import Broker
from messaging.brokers.interface import Topology
from messaging.consumer import Consumer
from messaging.events import Event
from messaging.models import InboxEvent
from tests.messaging import handlers
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted, Troubled
from tests.messaging.ledger.models import Entry
from tests.messaging.running import (
    PATIENCE,
    at_work,
    numbers_entered,
    process,
    sent,
    until_entries,
)
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_consumer_killed_amid_them_loses_and_doubles_none(
    broker: Broker, messaging: Topology
) -> None:
    good = [sent(messaging, Counted(number=number)) for number in range(5)]
    publish(broker, [*good, sent(messaging, Troubled(number=1000, note="always fail"))])
    with process("consume", fault="after_handling:kill:3") as killed:
        assert killed.wait(PATIENCE) == -signal.SIGKILL
    publish(broker, [sent(messaging, Counted(number=99))])
    with at_work(Consumer):
        last = Entry.objects.filter(number=99)
        wait_until(last.exists, patience=PATIENCE, what="the last takes effect")
    assert sorted(numbers_entered()) == [0, 1, 2, 3, 4, 99]


def test_a_fault_of_the_database_amid_them_counts_as_no_attempt(
    broker: Broker, messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = [OperationalError("the database system is shutting down")] * 3

    def faulty(events: Sequence[Event]) -> None:
        if len(events) > 1:
            raise ValueError("not these together")
        if events[0].data["number"] == 2 and faults:
            raise faults.pop()
        handlers.count(events)

    monkeypatch.setitem(handlers.HANDLERS, Counted.type, faulty)
    publish(broker, [sent(messaging, Counted(number=number)) for number in range(4)])
    with at_work(Consumer) as health:
        until_entries(4)
        assert "retried" not in health.as_json()["counts"]
    assert sorted(numbers_entered()) == [0, 1, 2, 3]
    assert InboxEvent.objects.count() == 4
