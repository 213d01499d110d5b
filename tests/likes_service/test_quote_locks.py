"""Locks of quotes on PostgreSQL; SQLite, with one writer at a time, has none."""

from functools import partial

import pytest
from django.db import connection, transaction

from likes_service import domain, quote_locks
from likes_service.errors import QuoteNotFound
from tests.likes_service.at_once import DEADLINE, held_open, waiting_for_another
from tests.likes_service.conftest import FakeQuotes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def postgresql() -> None:
    """Skip where there are no locks."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")


def locked() -> set[int]:
    """Return the numbers of the locks that somebody has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid::bigint FROM pg_locks"
            " WHERE locktype = 'advisory' AND granted AND objsubid = 2"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return {row[0] for row in cursor.fetchall()}


def test_several_quotes_are_locked_from_the_smallest_id_on_whatever_order_they_come_in() -> None:
    """Who waits for a quote then has none behind it, for which another could wait in a circle."""
    both = transaction.atomic(partial(quote_locks.take, [2, 1]))
    with held_open(partial(quote_locks.take, [1])), waiting_for_another(both) as taken:
        assert locked() == {1}
    taken.result(DEADLINE)


def test_the_largest_id_can_be_locked(quotes: FakeQuotes) -> None:
    with pytest.raises(QuoteNotFound):
        domain.like_quote(user_id=5, quote_id=2**63 - 1)
