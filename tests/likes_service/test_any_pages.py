"""Pages of likes per quote over any likes and cursors: what a list in memory would answer."""

from typing import Any

from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from likes_service.models import Like, Quote
from likes_service.reads import LIKES, likes_of_each, of_quotes

NOW = timezone.now()
QUOTES = (1, 2, 3)


class AnyPages(TestCase):
    """Each example has a database of its own."""

    @settings(max_examples=60, deadline=None)
    @given(
        liked=st.lists(st.sampled_from(QUOTES), max_size=25),
        gone=st.sets(st.integers(0, 24), max_size=10),
        cursor=st.none() | st.integers(0, 26),
        size=st.integers(1, 7),
        backwards=st.booleans(),
    )
    def test_pages(
        self, liked: list[int], gone: set[int], cursor: int | None, size: int, backwards: bool
    ) -> None:
        Quote.objects.bulk_create(Quote(id=number, version=1) for number in QUOTES)
        Like.objects.bulk_create(
            Like(id=place + 1, user_id=place + 1, quote_id=number, created_at=NOW)
            for place, number in enumerate(liked)
        )
        Like.objects.filter(id__in=[place + 1 for place in gone]).delete()
        left = {place + 1: number for place, number in enumerate(liked) if place not in gone}
        page = likes_of_each(
            of_quotes(QUOTES), limit=size, backwards=backwards, **_at(cursor, backwards)
        )
        for number in QUOTES:
            # In the order in which pages go on: the newest first, or the oldest, backwards.
            of_quote = sorted((i for i, n in left.items() if n == number), reverse=not backwards)
            rest = [i for i in of_quote if cursor is None or _is_after(i, cursor, backwards)]
            found = [item["id"] for item in page["items"] if item["quote_id"] == number]
            assert found == sorted(rest[:size], reverse=True)
            assert (number in page["more"]) == (len(rest) > size)
            assert (number in page["skipped"]) == (len(rest) < len(of_quote))


def _is_after(like: int, cursor: int, backwards: bool) -> bool:
    return like > cursor if backwards else like < cursor


def _at(cursor: int | None, backwards: bool) -> dict[str, Any]:
    place = None if cursor is None else LIKES.cursor({"id": cursor})
    return {"before": place if backwards else None, "after": None if backwards else place}
