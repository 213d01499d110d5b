"""Pages, against a list sorted and cut in Python."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes_service.models import Quote
from rest.paging import Order, read_page
from rest.timestamps import timestamp

ORDERS = [
    Order("newest", ("-id",)),
    Order("oldest", ("id",)),
    Order("most", ("-likes", "-id")),
    Order("least", ("likes", "id")),
]


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    likes=st.lists(st.integers(-2, 2), max_size=9),
    order=st.sampled_from(ORDERS),
    limit=st.integers(1, 10),
    backwards=st.booleans(),
    places=st.tuples(st.none() | st.integers(0, 8), st.none() | st.integers(0, 8)),
)
def test_a_page_is_the_cut_of_the_sorted_list(
    django_assert_max_num_queries: Callable[..., object],
    likes: list[int],
    order: Order,
    limit: int,
    backwards: bool,
    places: tuple[int | None, int | None],
) -> None:
    now = timezone.now()
    with transaction.atomic():
        rows = [
            Quote.objects.create(title="x", likes=count, created_at=now, updated_at=now)
            for count in likes
        ]
        rows.sort(key=lambda row: [getattr(row, field) for field in order.fields])
        if order.descending:
            rows.reverse()
        after, before = (
            None if place is None or not rows else place % len(rows) for place in places
        )
        start = 0 if after is None else after + 1
        end = len(rows) if before is None else before
        window = rows[start : max(start, end)]
        expected = window[-limit:] if backwards else window[:limit]
        with django_assert_max_num_queries(1 if expected else 2):  # type: ignore[attr-defined]
            page = read_page(
                Quote.objects.values("id", "likes", "title"),
                order,
                limit=limit,
                after=None if after is None else order.cursor(rows[after]),
                before=None if before is None else order.cursor(rows[before]),
                backwards=backwards,
            )
        assert [row["id"] for row in page.rows] == [row.id for row in expected]
        if expected:
            assert page.has_previous is (rows.index(expected[0]) > 0)
            assert page.has_next is (rows.index(expected[-1]) < len(rows) - 1)
            assert page.info()["start_cursor"] == order.cursor(expected[0])
            assert page.info()["end_cursor"] == order.cursor(expected[-1])
        transaction.set_rollback(True)


def test_cursors_are_the_same_for_rows_and_mappings() -> None:
    order = Order("most", ("-likes", "-id"))
    assert order.cursor(Quote(id=7, likes=3)) == order.cursor({"id": 7, "likes": 3, "title": "x"})


def test_times_have_microseconds_even_where_they_are_zero() -> None:
    time = timezone.now().replace(year=2026, month=1, day=2, hour=3, minute=4, second=5)
    assert timestamp(time.replace(microsecond=0)) == "2026-01-02T03:04:05.000000Z"
    assert timestamp(time.replace(microsecond=7)) == "2026-01-02T03:04:05.000007Z"
