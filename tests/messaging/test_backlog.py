"""What waits is in the metrics of relays and consumers, as operators count it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.backlog import read_failed, read_outbox
from messaging.brokers.interface import Topology
from messaging.models import AwaitedRetry, DeadLetter, OutboxEvent
from tests.messaging.events import Counted
from tests.messaging.running import write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("messaging")]


def outbox() -> dict[str, float]:
    return {metric.name: value for metric, _, value in read_outbox()}


def test_an_empty_outbox_has_no_age() -> None:
    assert outbox() == {
        "messaging_outbox_events": 0,
        "messaging_outbox_oldest_age_seconds": 0,
        "messaging_outbox_set_aside_events": 0,
    }


def test_the_age_is_that_of_the_oldest_that_nothing_holds_up(messaging: Topology) -> None:
    write(Counted(number=1))
    now = timezone.now()
    OutboxEvent.objects.update(created_at=now - timedelta(hours=1))
    assert 3600 <= outbox()["messaging_outbox_oldest_age_seconds"] < 7200
    OutboxEvent.objects.update(set_aside_at=now)
    found = outbox()
    assert found["messaging_outbox_oldest_age_seconds"] == 0
    assert found["messaging_outbox_events"] == found["messaging_outbox_set_aside_events"] == 1


def test_dead_letters_and_overdue_retries_are_counted() -> None:
    for state in (DeadLetter.State.PARKED, DeadLetter.State.DISCARDED):
        DeadLetter.objects.create(
            identity=state, state=state, body=b"", headers={}, attempts=4, parked_at=timezone.now()
        )
    long_ago = timezone.now() - timedelta(hours=1)
    AwaitedRetry.objects.create(identity="lost", due_at=long_ago)
    AwaitedRetry.objects.create(identity="waits", due_at=timezone.now() + timedelta(hours=1))
    found = {metric.name: value for metric, _, value in read_failed()}
    assert found == {"messaging_dead_letters": 1, "messaging_retries_overdue": 1}
