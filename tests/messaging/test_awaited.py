"""A message that waits for its retry is on the books until it has come back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging import awaited
from messaging.awaited import GRACE, MEMORY
from messaging.brokers.interface import Broker, Topology
from messaging.consumer import Consumer
from messaging.models import AwaitedRetry, DeadLetter
from messaging.status import Limits, read_status
from tests.messaging import handlers
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Troubled
from tests.messaging.running import PATIENCE, at_work, lose_queue, sent, until_entries
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def fail_once(broker: Broker, topology: Topology) -> None:
    """Have a message fail, and a consumer stop before its retry is due."""
    handlers.FAILING.add(7)
    publish(broker, [sent(topology, Troubled(number=7))])
    with at_work(Consumer):
        wait_until(AwaitedRetry.objects.exists, patience=PATIENCE, what="it waits")


def test_one_whose_queue_is_gone_when_its_wait_is_over_is_overdue_and_then_a_problem(
    broker: Broker, messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_once(broker, messaging)
    lose_queue(messaging.queue)
    wait_until(
        lambda: (
            broker.queue_state(messaging.retry_queue(messaging.retry_delays[0])).ready == 0
            or AwaitedRetry.objects.get().due_at < timezone.now()
        ),
        patience=PATIENCE,
        what="its wait is over",
    )
    broker.declare(messaging)
    AwaitedRetry.objects.update(due_at=timezone.now() - GRACE * 2)
    status = read_status(broker, messaging)
    assert status.overdue_retries == 1
    assert any("have not come back" in problem for problem in status.problems(Limits(consumers=0)))


@pytest.mark.parametrize("mended", [True, False])
def test_one_that_came_back_is_off_the_books_whether_it_is_handled_or_parked(
    broker: Broker, messaging: Topology, mended: bool
) -> None:
    fail_once(broker, messaging)
    if mended:
        handlers.FAILING.clear()
    with at_work(Consumer):
        if mended:
            until_entries(1)
        else:
            wait_until(DeadLetter.objects.exists, patience=PATIENCE, what="a dead letter")
        wait_until(lambda: not AwaitedRetry.objects.exists(), patience=PATIENCE, what="no book")
    assert read_status(broker, messaging).overdue_retries == 0


def test_one_that_never_came_is_told_of_for_a_week_and_then_forgotten(messaging: Topology) -> None:
    now = timezone.now()
    AwaitedRetry.objects.create(identity="old", due_at=now - MEMORY - GRACE)
    AwaitedRetry.objects.create(identity="new", due_at=now - MEMORY + GRACE)
    assert awaited.overdue(now) == 1
    awaited.sent(sent(messaging, Troubled(number=7)), timedelta(seconds=5))
    assert not AwaitedRetry.objects.filter(identity="old").exists()
    assert AwaitedRetry.objects.count() == 2
