"""Lists with any filters, from end to end in either direction: what a list in memory would hold."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from quotes_service.lists import QuoteFilter, quotes_total
from quotes_service.models import Quote, User
from quotes_service.reads import ORDERS, quotes_page
from quotes_service.search.refolding import write_searchable

START = datetime(2026, 11, 27, 6, tzinfo=UTC)
LOOKED_AT = 3  # rows for a page of what is sifted, so that a few are many
AUTHORS = ("", "Camus", "Sappho")


@dataclass(frozen=True)
class Row:
    """A quote to be written; its time is of few, and in no order with its id."""

    title: str
    author: str
    by: int
    second: int
    likes: int


ROWS = st.builds(
    Row,
    title=st.sampled_from(["fear", "hope"]),
    author=st.sampled_from(AUTHORS),
    by=st.integers(1, 2),
    second=st.integers(0, 4),
    likes=st.integers(-1, 2),
)
SECONDS = st.none() | st.integers(-1, 5).map(lambda second: START + timedelta(seconds=second))
FILTERS = st.builds(
    QuoteFilter,
    search=st.sampled_from(["", "fear", "nothing"]),
    author=st.none() | st.sampled_from(AUTHORS[1:]),
    created_by=st.none() | st.integers(1, 3),
    created_after=SECONDS,
    created_before=SECONDS,
)


def passes(quote: Quote, filter: QuoteFilter) -> bool:
    return (
        filter.search in quote.title
        and filter.author in (None, quote.author)
        and filter.created_by in (None, quote.created_by_id)
        and (filter.created_after is None or quote.created_at >= filter.created_after)
        and (filter.created_before is None or quote.created_at < filter.created_before)
    )


def place(quote: Quote, order: str, *, by_time: bool) -> Any:
    if order == "most_liked":
        return -quote.likes, -quote.pk
    sign = 1 if order == "oldest" else -1
    seconds = (quote.created_at - START).total_seconds() if by_time else 0
    return sign * seconds, sign * quote.pk


@patch("rest.sieves.LOOKED_AT", LOOKED_AT)
class AnyFilters(TestCase):
    """Each example has a database of its own."""

    @settings(max_examples=150, deadline=None)
    @given(
        rows=st.lists(ROWS, max_size=14),
        filter=FILTERS,
        order=st.sampled_from(sorted(ORDERS)),
        size=st.integers(1, 4),
        backwards=st.booleans(),
    )
    def test_pages_hold_all_that_pass_and_nothing_else(
        self, rows: list[Row], filter: QuoteFilter, order: str, size: int, backwards: bool
    ) -> None:
        times_alone = filter.times and filter.author is None and filter.created_by is None
        assume(not (order == "most_liked" and times_alone))
        quotes, filter = self._written(rows, filter)
        expected = [quote for quote in quotes if passes(quote, filter)]
        expected.sort(key=lambda quote: place(quote, order, by_time=not filter.is_plain))
        seen: list[int] = []
        cursor, more = None, True
        for _ in range(20):
            page = quotes_page(
                filter,
                order=order,
                limit=size,
                backwards=backwards,
                before=cursor if backwards else None,
                after=None if backwards else cursor,
            )
            ids = [item["id"] for item in page["items"]]
            seen += reversed(ids) if backwards else ids
            info = page["page_info"]
            more = info["has_previous" if backwards else "has_next"]
            cursor = info["start_cursor" if backwards else "end_cursor"]
            if not more:
                break
        assert not more
        assert seen == [quote.pk for quote in (reversed(expected) if backwards else expected)]

    @settings(max_examples=50, deadline=None)
    @given(rows=st.lists(ROWS, max_size=14), filter=FILTERS, most=st.integers(0, 14))
    def test_totals(self, rows: list[Row], filter: QuoteFilter, most: int) -> None:
        quotes, filter = self._written(rows, filter)
        found = sum(passes(quote, filter) for quote in quotes)
        with patch("rest.sieves.MOST_COUNTED", most):
            total = quotes_total(filter)
        assert total == found if len(quotes) <= most else total in (found, None)
        assert total is not None or len(quotes) > most

    def _written(self, rows: list[Row], filter: QuoteFilter) -> tuple[list[Quote], QuoteFilter]:
        """Write the rows; the users of rows and filter are counted from the first that there is."""
        users = [User.objects.create(username=f"user{number}") for number in (1, 2)]
        first = users[0].pk
        quotes = Quote.objects.bulk_create(
            Quote(
                title=row.title,
                author=row.author,
                likes=row.likes,
                created_by_id=first + row.by - 1,
                created_at=(at := START + timedelta(seconds=row.second)),
                updated_at=at,
            )
            for row in rows
        )
        if quotes:
            write_searchable(quotes)
        by = filter.created_by and first + filter.created_by - 1
        return quotes, replace(filter, created_by=by)
