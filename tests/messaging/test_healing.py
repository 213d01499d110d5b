"""What somebody removes from the broker while all runs is back soon, and nothing is lost."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pika
import pytest
from django.conf import settings

from messaging import consumer, set_aside
from messaging.brokers.interface import Topology
from messaging.consumer import DECLARE_SECONDS, Consumer
from messaging.relay import Relay
from messaging.set_aside import FIRST_TRY
from tests.messaging.events import Counted
from tests.messaging.running import at_work, lose_queue, numbers_entered, until_entries, write

pytestmark = pytest.mark.django_db(transaction=True)


def change(statement: str, on_rabbitmq: Callable[[Any], object], *values: str) -> None:
    """Change the broker of this test behind its back."""
    url = settings.BROKER_URL
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute(statement, values)
        return
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        on_rabbitmq(connection.channel())


def undo_the_binding(topology: Topology) -> None:
    change(
        "DELETE FROM binding WHERE queue = ?",
        lambda channel: channel.queue_unbind(
            topology.queue, topology.exchange, topology.bindings[0]
        ),
        topology.queue,
    )


def delete_the_exchange(topology: Topology) -> None:
    change(
        "DELETE FROM binding WHERE exchange = ?",
        lambda channel: channel.exchange_delete(topology.exchange),
        topology.exchange,
    )


def delete_the_queue(topology: Topology) -> None:
    lose_queue(topology.queue)


@pytest.mark.parametrize("removed", [undo_the_binding, delete_the_exchange, delete_the_queue])
def test_it_is_made_anew_by_who_needs_it_and_what_waited_arrives(
    messaging: Topology, monkeypatch: pytest.MonkeyPatch, removed: Callable[[Topology], None]
) -> None:
    monkeypatch.setattr(consumer, "DECLARE_SECONDS", 0.5)
    monkeypatch.setattr(set_aside, "FIRST_TRY", timedelta(seconds=1))
    with at_work(Relay), at_work(Consumer):
        write(Counted(number=1))
        until_entries(1)
        removed(messaging)
        write(*[Counted(number=number) for number in range(2, 6)])
        until_entries(5)
    assert sorted(numbers_entered()) == [1, 2, 3, 4, 5]


def test_all_of_that_is_done_within_a_minute() -> None:
    """The pauses of the process: the binding made anew just too late for a second trial."""
    assert DECLARE_SECONDS + FIRST_TRY.total_seconds() < 55
