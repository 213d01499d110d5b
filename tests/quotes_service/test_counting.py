"""Counts are exact whatever the order, the repetition and the loss of order of what comes."""

import random
from collections.abc import Callable, Sequence

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from messaging.models import OutboxEvent
from messaging.schemas import check_data
from quotes_service.counting import LikeChange, LikeCount, count_likes
from quotes_service.events import QuoteCounted
from quotes_service.models import Quote

pytestmark = pytest.mark.django_db


def state(quote: Quote) -> tuple[int, int]:
    found = Quote.objects.get(id=quote.id)
    return found.likes, found.likes_counted_sequence


def test_a_count_replaces_what_is_stored(make_quote: Callable[..., Quote]) -> None:
    quote = make_quote(likes=1234)
    count_likes([], [LikeCount(quote.id, 10, 3)])
    assert state(quote) == (3, 10)


def test_changes_before_a_count_are_in_it_and_those_after_are_added(
    make_quote: Callable[..., Quote],
) -> None:
    quote = make_quote(likes=-50)
    count_likes([], [LikeCount(quote.id, 10, 3)])
    count_likes([LikeChange(quote.id, 9, 1), LikeChange(quote.id, 11, 1)])
    count_likes([LikeChange(quote.id, 2, -1)])
    assert state(quote) == (4, 10)


def test_a_count_and_changes_of_one_batch_are_told_apart_by_their_sequence(
    make_quote: Callable[..., Quote],
) -> None:
    quote = make_quote(likes=7)
    changes = [LikeChange(quote.id, sequence, 1) for sequence in (8, 9, 11, 12)]
    count_likes(changes, [LikeCount(quote.id, 10, 100)])
    assert state(quote) == (102, 10)


def test_what_is_counted_is_published_once_a_quote_and_batch_in_one_statement(
    make_quote: Callable[..., Quote],
) -> None:
    liked, unliked, recounted, gone = (make_quote() for _ in range(4))
    gone_id = gone.id
    gone.delete()
    OutboxEvent.objects.all().delete()
    changes = [LikeChange(liked.id, sequence, 1) for sequence in (5, 6, 7)]
    changes += [LikeChange(unliked.id, 8, -1), LikeChange(gone_id, 9, 1)]
    with CaptureQueriesContext(connection) as queries:
        count_likes(changes, [LikeCount(recounted.id, 4, 30)])
    inserts = [query for query in queries if query["sql"].startswith("INSERT")]
    assert len(inserts) == 1
    expected = [QuoteCounted(liked.id, 3, 7), QuoteCounted(unliked.id, 0, 8)]
    expected += [QuoteCounted(recounted.id, 30, 4)]
    rows = sorted(OutboxEvent.objects.all(), key=lambda row: row.key)
    assert [(row.type, row.key, orjson.loads(row.data)) for row in rows] == [
        (event.type, event.subject, event.data())
        for event in sorted(expected, key=lambda event: event.subject)
    ]
    for row in rows:
        check_data(row.type, orjson.loads(row.data))


def test_what_changes_no_count_publishes_nothing(make_quote: Callable[..., Quote]) -> None:
    quote = make_quote()
    count_likes([], [LikeCount(quote.id, 10, 3)])
    OutboxEvent.objects.all().delete()
    count_likes([LikeChange(quote.id, 9, 1)], [LikeCount(quote.id, 8, 2)])
    assert not OutboxEvent.objects.exists()


def test_an_older_count_is_ignored(make_quote: Callable[..., Quote]) -> None:
    quote = make_quote()
    count_likes([], [LikeCount(quote.id, 20, 5), LikeCount(quote.id, 10, 3)])
    count_likes([LikeChange(quote.id, 21, 1)], [LikeCount(quote.id, 15, 4)])
    assert state(quote) == (6, 20)


def test_a_count_that_was_overtaken_by_a_change_it_does_not_have_is_ignored(
    make_quote: Callable[..., Quote],
) -> None:
    quote = make_quote(likes=4)
    count_likes([LikeChange(quote.id, 11, 1)])
    count_likes([], [LikeCount(quote.id, 10, 4)])
    assert state(quote) == (5, 0)
    count_likes([], [LikeCount(quote.id, 12, 5)])
    assert state(quote) == (5, 12)


def test_a_quote_that_is_gone_is_passed_over(make_quote: Callable[..., Quote]) -> None:
    quote = make_quote()
    count_likes([LikeChange(999, 1, 1)], [LikeCount(998, 2, 5), LikeCount(quote.id, 3, 1)])
    assert state(quote) == (1, 3)


class AnyDelivery(TestCase):
    """However the events are cut into batches, and in whatever order they come."""

    @given(
        changes=st.lists(st.sampled_from([1, -1]), max_size=12),
        counted_at=st.sets(st.integers(0, 12), max_size=3),
        seed=st.integers(0, 2**32),
    )
    def test_the_end_is_always_the_same(
        self, changes: list[int], counted_at: set[int], seed: int
    ) -> None:
        now = timezone.now()
        quote = Quote.objects.create(title="To be.", created_at=now, updated_at=now)
        events: list[LikeChange | LikeCount] = []
        total = 0
        for place, change in enumerate([*changes, 0]):
            if place in counted_at:
                events.append(LikeCount(quote.id, len(events) + 1, total))
            if change:
                total += change
                events.append(LikeChange(quote.id, len(events) + 1, change))
        shuffle = random.Random(seed)  # noqa: S311 - a test's own order
        shuffle.shuffle(events)
        while events:
            batch = [events.pop() for _ in range(min(len(events), shuffle.randint(1, 4)))]
            _count(batch)
        assert Quote.objects.get(id=quote.id).likes == total


def _count(batch: Sequence[LikeChange | LikeCount]) -> None:
    count_likes(
        [event for event in batch if isinstance(event, LikeChange)],
        [event for event in batch if isinstance(event, LikeCount)],
    )
