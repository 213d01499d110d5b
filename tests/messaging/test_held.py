"""What a consumer holds that hangs in the database shows: in health, and in the lag."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from messaging import held
from messaging.brokers.interface import Broker, Topology
from messaging.consumer import Consumer
from messaging.held import GONE
from messaging.models import HeldBatch
from messaging.status import read_status
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted
from tests.messaging.ledger.models import Entry
from tests.messaging.running import PATIENCE, at_work, sent, until_entries
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def locked(table: str) -> Iterator[None]:
    """Have somebody else hold a lock on a table meanwhile."""
    taken, free = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {table}")
                taken.set()
                free.wait(PATIENCE)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert taken.wait(PATIENCE)
    try:
        yield
    finally:
        free.set()
        thread.join()


def test_a_batch_that_hangs_is_in_the_lag_and_turns_health_red(
    broker: Broker, messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite locks no table, and has one writer")
    monkeypatch.setattr(held, "USUAL_SECONDS", 0.2)
    publish(broker, [sent(messaging, Counted(number=0))])
    with at_work(Consumer) as health:
        until_entries(1)
        with locked(Entry._meta.db_table):
            publish(broker, [sent(messaging, Counted(number=number)) for number in range(1, 4)])
            wait_until(
                lambda: (
                    read_status(broker, messaging).lag_seconds > 0.5
                    and read_status(broker, messaging).lag_events == 3
                ),
                patience=PATIENCE,
                what="the lag",
            )
            assert (read_status(broker, messaging).queue_unacked or 0) >= 1
            stuck = health._worked_at
            wait_until(lambda: health.idle() > 1, patience=PATIENCE, what="no progress")
            assert health._worked_at == stuck
        until_entries(4)
        wait_until(lambda: not HeldBatch.objects.exists(), patience=PATIENCE, what="it is over")
        wait_until(lambda: health._worked_at > stuck, patience=PATIENCE, what="progress")
        assert read_status(broker, messaging).lag_events == 0


def test_what_a_consumer_held_that_is_gone_is_not_counted() -> None:
    now = timezone.now()
    HeldBatch.objects.create(consumer="a", messages=3, since=now - GONE * 2, seen_at=now - GONE * 2)
    assert held.held_now(now) == (0, 0.0)
    HeldBatch.objects.create(consumer="b", messages=4, since=now - GONE, seen_at=now)
    assert held.held_now(now) == (4, GONE.total_seconds())
