"""The turn to publish: of many relays one has it, and one that has lost it stops."""

import pytest
from django.db import connection, transaction

from database.faults import DATABASE_FAULTS
from messaging.brokers.interface import Topology
from messaging.leadership import leadership
from messaging.outbox import publish
from messaging.relay import Relay
from tests.messaging.events import Counted
from tests.messaging.running import PATIENCE, at_work, until_empty, write
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def postgresql() -> None:
    """PostgreSQL alone."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no sessions that can be ended, and nothing that notifies")


def test_one_at_a_time_has_the_turn_and_the_next_gets_it_when_that_one_is_gone() -> None:
    with leadership() as second:
        with leadership() as first:
            assert first.acquire()
            assert not second.acquire()
        wait_until(second.acquire, patience=PATIENCE, what="the turn")


@pytest.mark.usefixtures("postgresql")
def test_whose_session_was_ended_is_told_of_it_and_the_next_gets_the_turn() -> None:
    with leadership() as first, leadership() as second:
        assert first.acquire()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND granted AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        with pytest.raises(DATABASE_FAULTS):
            for _ in range(10):  # there may be a last word to read before the end
                first.wait(PATIENCE / 10)
        wait_until(second.acquire, patience=PATIENCE, what="the turn")


@pytest.mark.usefixtures("postgresql")
@pytest.mark.parametrize("broker_url", ["embedded"], indirect=True)
def test_an_event_of_which_nothing_was_notified_is_found_by_looking(messaging: Topology) -> None:
    with at_work(Relay):
        write(Counted(number=1))
        until_empty()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers
            publish(Counted(number=2))
        until_empty()
