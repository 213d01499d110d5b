"""Paging over any data, while rows come and go: no row twice, and none that stayed left out."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from quotes_service.lists import QuoteFilter
from quotes_service.models import Quote
from quotes_service.reads import ORDERS, quotes_page


@dataclass(frozen=True)
class Meanwhile:
    """What happens between two pages: so many are written, and one is deleted."""

    written: int
    deleted: int  # which, counted round the list


NOW = timezone.now()
MEANWHILE = st.builds(Meanwhile, written=st.integers(0, 3), deleted=st.integers(0, 40))


def write(likes: int) -> int:
    # All at one moment, so that nothing but the key tells them apart.
    return Quote.objects.create(title="Any", likes=likes, created_at=NOW, updated_at=NOW).pk


class AnyPages(TestCase):
    """Each example has a database of its own."""

    @settings(max_examples=60, deadline=None)
    @given(
        likes=st.lists(st.integers(-1, 3), max_size=25),
        order=st.sampled_from(sorted(ORDERS)),
        size=st.integers(1, 7),
        backwards=st.booleans(),
        meanwhile=st.lists(MEANWHILE, max_size=30),
    )
    def test_pages(
        self,
        likes: list[int],
        order: str,
        size: int,
        backwards: bool,
        meanwhile: list[Meanwhile],
    ) -> None:
        before = {write(count) for count in likes}
        seen: list[int] = []
        cursor: str | None = None
        while True:
            page = self._page(order, size, backwards, cursor)
            ids = [item["id"] for item in page["items"]]
            seen += reversed(ids) if backwards else ids
            info = page["page_info"]
            more = info["has_previous"] if backwards else info["has_next"]
            assert more == bool(self._rest(order, backwards, info))
            if not more:
                break
            cursor = info["start_cursor"] if backwards else info["end_cursor"]
            if meanwhile:
                self._change(meanwhile.pop())
        assert len(seen) == len(set(seen)), "a row came twice"
        stayed = before & set(Quote.objects.values_list("id", flat=True))
        assert stayed <= set(seen), "a row that stayed was left out"

    def _page(self, order: str, size: int, backwards: bool, cursor: str | None) -> dict[str, Any]:
        return quotes_page(
            QuoteFilter(),
            order=order,
            limit=size,
            backwards=backwards,
            before=cursor if backwards else None,
            after=None if backwards else cursor,
        )

    def _rest(self, order: str, backwards: bool, info: dict[str, Any]) -> list[Any]:
        """Return what is beyond a page, found by asking for it."""
        cursor = info["start_cursor"] if backwards else info["end_cursor"]
        if cursor is None:
            return []
        items: list[Any] = self._page(order, 100, backwards, cursor)["items"]
        return items

    def _change(self, change: Meanwhile) -> None:
        for number in range(change.written):
            write(number)
        ids = list(Quote.objects.order_by("id").values_list("id", flat=True))
        if ids:
            Quote.objects.filter(id=ids[change.deleted % len(ids)]).delete()
