"""The inbox stays small over the years."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from messaging import inbox, pruning
from messaging.brokers.interface import Broker, Topology
from messaging.consumer import Consumer
from messaging.models import InboxEvent
from messaging.pruning import Pruning
from tests.messaging.running import PATIENCE, at_work
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def handled(days: int, each_day: int) -> None:
    """Write what is handled in so many days, the last of them today."""
    now = timezone.now()
    InboxEvent.objects.bulk_create(
        InboxEvent(event_id=f"{day}-{number}", source="/other", handled_at=now - DAY * day)
        for day in range(days)
        for number in range(each_day)
    )


def test_after_a_year_only_the_retention_is_left() -> None:
    handled(days=365, each_day=20)
    pruning_ = Pruning(retention=30 * DAY)
    for _ in range(10):  # 335 days of 20 events, 1,000 a step
        pruning_.step()
    assert InboxEvent.objects.count() == 30 * 20
    assert InboxEvent.objects.order_by("handled_at")[0].handled_at > timezone.now() - 30 * DAY


def test_a_step_is_one_select_and_one_delete_however_much_there_is(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    handled(days=365, each_day=20)
    with django_assert_num_queries(4):  # with the transaction's begin and commit
        Pruning(retention=30 * DAY).step()
    assert InboxEvent.objects.count() == 365 * 20 - pruning.ROWS_A_STEP


def test_once_done_it_costs_nothing_until_the_next_time(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    pruning_ = Pruning(retention=30 * DAY)
    with django_assert_num_queries(1):
        for _ in range(100):
            pruning_.step()


def test_what_is_to_be_pruned_is_found_by_an_index() -> None:
    handled(days=365, each_day=20)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE messaging_inbox")
    rows = InboxEvent.objects.filter(handled_at__lt=timezone.now() - 350 * DAY)
    plan = rows.order_by("handled_at").values_list("id")[:100].explain()
    assert "handled_at" in plan
    assert "Seq Scan" not in plan
    assert "USE TEMP B-TREE" not in plan


def test_the_consumer_prunes_by_itself(
    settings: Settings, broker: Broker, messaging: Topology
) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "INBOX_RETENTION": 3 * DAY}
    handled(days=10, each_day=1)
    with at_work(Consumer):
        wait_until(
            lambda: InboxEvent.objects.count() == 3, patience=PATIENCE, what="the inbox is pruned"
        )
    assert inbox.prune(timezone.now() - 3 * DAY, 100) == 0
