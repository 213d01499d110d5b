"""Likes are counted: each event once, in one statement, in whatever order they come."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from django.db import connection

from messaging.events import Event
from messaging.models import OutboxEvent
from quotes_service.handlers import COUNTED, HANDLERS, LIKED, UNLIKED, count_likes
from quotes_service.models import Quote

pytestmark = pytest.mark.django_db


def event(event_type: str, quote_id: int, user_id: int = 1) -> Event:
    return Event(
        type=event_type,
        source="/likes",
        subject=f"quotes/{quote_id}",
        data={"quote_id": quote_id, "user_id": user_id},
        sequence=1,
    )


def likes(quote: Quote) -> int:
    return Quote.objects.get(id=quote.id).likes


def test_the_events_of_likes_share_one_handler() -> None:
    assert all(HANDLERS[event_type] is count_likes for event_type in (LIKED, UNLIKED, COUNTED))


def test_likes_and_unlikes_are_summed_per_quote(make_quote: Callable[..., Quote]) -> None:
    first, second, third = make_quote(likes=5), make_quote(), make_quote(likes=9)
    count_likes(
        [event(LIKED, second.id, user) for user in range(10)]
        + [event(UNLIKED, first.id), event(LIKED, first.id), event(UNLIKED, first.id)]
        + [event(LIKED, third.id), event(UNLIKED, third.id)]
    )
    assert (likes(first), likes(second), likes(third)) == (4, 10, 9)


@pytest.mark.parametrize("order", list(permutations([LIKED, UNLIKED, LIKED])))
def test_an_unlike_may_come_before_its_like(
    make_quote: Callable[..., Quote], order: tuple[str, ...]
) -> None:
    quote = make_quote()
    for event_type in order:
        count_likes([event(event_type, quote.id)])
    assert likes(quote) == 1


def test_an_unlike_that_comes_first_is_no_poison(make_quote: Callable[..., Quote]) -> None:
    quote = make_quote()
    count_likes([event(UNLIKED, quote.id)])
    assert likes(quote) == -1
    count_likes([event(LIKED, quote.id)])
    assert likes(quote) == 0


def test_likes_of_quotes_that_are_gone_are_passed_over(make_quote: Callable[..., Quote]) -> None:
    quote = make_quote()
    count_likes([event(LIKED, 2**63 - 1), event(LIKED, quote.id), event(UNLIKED, 999_999)])
    assert likes(quote) == 1


def test_a_like_is_no_new_version_of_the_quote(make_quote: Callable[..., Quote]) -> None:
    quote = make_quote()
    count_likes([event(LIKED, quote.id)])
    after = Quote.objects.get()
    assert (after.version, after.updated_at) == (1, quote.updated_at)
    assert [row.type for row in OutboxEvent.objects.all()] == ["quotes.quote.counted"]


def test_a_batch_costs_one_update_however_many_quotes_it_has(
    make_quote: Callable[..., Quote], django_assert_num_queries: Callable[..., Any]
) -> None:
    quotes = [make_quote() for _ in range(50)]
    batch = [event(LIKED, quote.id, user) for quote in quotes for user in range(5)]
    # The rows are read (and locked) and changed, and their counts published.
    with django_assert_num_queries(3) as captured:
        count_likes(batch)
    statements = [query["sql"] for query in captured.captured_queries]
    assert sum(sql.startswith("UPDATE") for sql in statements) == 1
    if connection.vendor == "postgresql":
        assert "ORDER BY" in statements[0]
        assert "FOR NO KEY UPDATE" in statements[0]
    assert set(Quote.objects.values_list("likes", flat=True)) == {5}


def test_ten_thousand_likes_of_one_quote_cost_one_row_and_one_update_a_batch(
    make_quote: Callable[..., Quote], django_assert_num_queries: Callable[..., Any]
) -> None:
    quote = make_quote()
    for start in range(0, 10_000, 500):
        batch = [event(LIKED, quote.id, user) for user in range(start, start + 500)]
        with django_assert_num_queries(3) as captured:
            count_likes(batch)
        # The row is told once by how much, and not five hundred times by one.
        [update] = [q["sql"] for q in captured.captured_queries if q["sql"].startswith("UPDATE")]
        assert len(update) < 1_000
    assert likes(quote) == 10_000


def test_thousands_of_quotes_are_counted_in_a_few_statements(
    make_quote: Callable[..., Quote],
) -> None:
    quote = make_quote()
    count_likes([event(LIKED, quote.id + number) for number in range(2500)])
    assert likes(quote) == 1
