"""The consumer does a service's own work between batches, and it holds up no message."""

import itertools
from collections.abc import Iterator

import pytest
from django.db import OperationalError
from pytest_django import Settings

from messaging.brokers.interface import Broker, Topology
from messaging.chores import Chore
from messaging.consumer import Consumer
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted
from tests.messaging.ledger.models import Entry
from tests.messaging.running import PATIENCE, at_work, sent
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
DONE: list[int] = []
outcomes: Iterator[bool | Exception] = iter(())


def work() -> bool:
    """Do as the test says."""
    DONE.append(len(DONE))
    outcome = next(outcomes, False)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


@pytest.fixture(autouse=True)
def _chore(settings: Settings) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "CHORE": f"{__name__}.work"}
    DONE.clear()


def will(*given: bool | Exception) -> None:
    global outcomes
    outcomes = iter(given)


def test_a_chore_is_done_until_there_is_no_more(broker: Broker, messaging: Topology) -> None:
    will(True, True, True, False)
    with at_work(Consumer):
        wait_until(lambda: len(DONE) >= 4, patience=PATIENCE, what="the chore is done")


def test_after_the_last_of_it_nothing_is_due() -> None:
    will(True, False)
    chore = Chore(f"{__name__}.work")
    for _ in range(5):
        chore.step()
    assert len(DONE) == 2


def test_a_service_without_a_chore_has_nothing_due() -> None:
    assert not Chore("").is_due
    Chore("").step()


def test_a_chore_that_fails_is_tried_again_and_holds_up_no_message(
    broker: Broker, messaging: Topology
) -> None:
    will(RuntimeError("trouble"), True)
    with at_work(Consumer):
        publish(broker, [sent(messaging, Counted(number=1))])
        wait_until(Entry.objects.exists, patience=PATIENCE, what="the message is handled")
        wait_until(lambda: len(DONE) >= 3, patience=PATIENCE, what="the chore is done")


def test_a_database_that_fails_a_chore_pauses_the_consumer(
    broker: Broker, messaging: Topology
) -> None:
    will(*itertools.repeat(OperationalError("gone"), 3))
    with at_work(Consumer) as health:
        wait_until(lambda: len(DONE) >= 4, patience=PATIENCE, what="the chore is done")
        wait_until(health.ready, patience=PATIENCE, what="the consumer is well again")
