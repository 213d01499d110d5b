"""Which quotes a list has, in which order, and by which index they are found.

One filter leads: its index is in the order of the list. Of `created_by` and `author` it is the
first that is given; times alone lead where the order is by time. What is left sifts the rows that
it leads to, a bounded number for each page (`rest.sieves`). In a list with a filter, `newest` and
`oldest` go by the time at which quotes were written, so that times bound the part of the index that
is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from database.statements import Bound, List
from database.tables import Rows
from quotes_service.models import Quote
from quotes_service.search.pages import holds_all
from quotes_service.search.searchable import search_words
from rest.errors import FieldError, Unprocessable
from rest.groups import Groups
from rest.paging import Order, Page, read_page
from rest.sieves import sifted_page, total

QUOTE_FIELDS = (
    "id", "title", "author", "likes", "version", "created_by_id", "created_at", "updated_at",
)  # fmt: skip
ALL = Quote.objects.values(*QUOTE_FIELDS)
BY_ID = {"newest": Order("newest", ("-id",)), "oldest": Order("oldest", ("id",))}
BY_LIKES = Order("most_liked", ("-likes", "-id"))
_TIMES = frozenset({"created_at"})
_BY_TIME = {
    "newest": Order("newest_written", ("-created_at", "-id"), _TIMES),
    "oldest": Order("oldest_written", ("created_at", "id"), _TIMES),
}


@dataclass(frozen=True, kw_only=True)
class QuoteFilter:
    """Which quotes are asked for: those that everything holds of that is given."""

    search: str = ""
    author: str | None = None
    created_by: int | None = None
    created_after: datetime | None = None  # and at that time
    created_before: datetime | None = None

    @property
    def is_plain(self) -> bool:
        """Return whether nothing is given but, perhaps, a search."""
        return self == QuoteFilter(search=self.search)

    @property
    def times(self) -> Q:
        """Return what must hold of the time at which a quote was written."""
        times = Q()
        if self.created_after is not None:
            times &= Q(created_at__gte=self.created_after)
        if self.created_before is not None:
            times &= Q(created_at__lt=self.created_before)
        return times


@dataclass(frozen=True)
class _Chosen:
    """The list that leads, and what sifts it."""

    rows: List
    order: Order
    sieve: Rows | None


def filtered_page(
    filter: QuoteFilter,
    *,
    order: str,
    limit: int,
    after: str | None,
    before: str | None,
    backwards: bool,
) -> Page[dict[str, Any]]:
    """Read a page of a list with filters. Raises `Unprocessable` for what can't be ordered so."""
    chosen = _chosen(filter, order)
    place: dict[str, Any] = {
        "limit": limit,
        "after": after,
        "before": before,
        "backwards": backwards,
    }
    if chosen.sieve is None:
        return read_page(chosen.rows, chosen.order, **place)
    return sifted_page(chosen.rows, chosen.sieve, chosen.order, **place)


def quotes_of_each(creators: Sequence[int], order: str) -> Groups:
    """Return the quotes of each of some users, in an order."""
    by = _BY_TIME.get(order, BY_LIKES)
    return Groups(ALL, by, "created_by_id", creators, ascending=True)


def quotes_total(filter: QuoteFilter) -> int | None:
    """Return how many quotes a list has, or None if that is more than is counted."""
    chosen = _chosen(filter, "newest")
    return total(chosen.rows, chosen.sieve)


def _chosen(filter: QuoteFilter, order: str) -> _Chosen:
    leading, sieve = None, Q()
    for name, value in (("created_by", filter.created_by), ("author", filter.author)):
        if value is not None and leading is None:
            leading = name, value
        elif value is not None:
            sieve &= Q((name, value))
    words = search_words(filter.search)
    if order in _BY_TIME:
        by, within = _BY_TIME[order], _between_times(filter)
    else:
        if filter.times and leading is None:
            raise _no_such_order()
        by, within, sieve = BY_LIKES, [], sieve & filter.times
    rows = List(ALL, by.fields, within, leading)
    sifted = ALL.filter(sieve) if sieve else ALL
    if words:
        sifted = sifted.filter(holds_all(words))
    return _Chosen(rows, by, sifted if sifted.query.where else None)


def _between_times(filter: QuoteFilter) -> list[Bound]:
    """Return the part of the order by time that is asked for: ids are greater than 0."""
    bounds = []
    if filter.created_after is not None:
        bounds.append(Bound(">=", (filter.created_after, 0)))
    if filter.created_before is not None:
        bounds.append(Bound("<", (filter.created_before, 0)))
    return bounds


def _no_such_order() -> Unprocessable:
    message = (
        "can be most_liked together with created_after or created_before only if author or"
        " created_by is given, too: no index has the likes of the quotes of some days"
    )
    return Unprocessable(f"order: {message}", errors=[FieldError("order", "invalid", message)])
