"""Keyset pages of several lists at once, such as the likes of each quote of a page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from database.groups import GroupsStatement
from database.statements import Bound
from database.tables import Rows
from rest.paging import Order, Page, between
from rest.sieves import MOST_COUNTED


@dataclass(frozen=True)
class PageOfEach:
    """The rows of one page of each list, merged; which lists have more, and which some before."""

    rows: list[dict[str, Any]]
    more: list[int]
    skipped: list[int]


class Groups:
    """Some lists of a table: the rows that have the same `group`, in an order.

    An index has the group's column first and then the order's. Whatever the number of lists, a
    page costs one statement, and another for what is beyond each of its cursors. `ascending` is
    for `GroupsStatement`.
    """

    def __init__(
        self,
        rows: Rows,
        order: Order,
        group: str,
        keys: Sequence[int],
        *,
        ascending: bool = False,
    ) -> None:
        self._statement = GroupsStatement(
            rows, group=group, order=order.fields, ascending=ascending
        )
        self.order, self._group, self._keys = order, group, keys

    def page_of_each(
        self, *, limit: int, after: str | None, before: str | None, backwards: bool
    ) -> PageOfEach:
        """Read up to `limit` rows of each list; the cursors bound the rows of each of them."""
        bounds, others = between(self.order, after, before)
        rows, seen = [], Counter[int]()
        for row in self._first_of_each(bounds, backwards, limit + 1):
            seen[row[self._group]] += 1
            if seen[row[self._group]] <= limit:
                rows.append(row)
        if backwards:
            rows.reverse()
        more = sorted(key for key, number in seen.items() if number > limit)
        came_from = before if backwards else after
        skipped = [] if came_from is None else self._with_any(others[-1 if backwards else 0])
        return PageOfEach(rows, more, skipped)

    def merged_page(
        self, *, limit: int, after: str | None, before: str | None, backwards: bool
    ) -> Page[dict[str, Any]]:
        """Read up to `limit` rows of all the lists together."""
        bounds, others = between(self.order, after, before)
        rows = self._first_of_each(bounds, backwards, limit + 1)
        more = len(rows) > limit
        rows = rows[:limit]
        if backwards:
            rows.reverse()
        beyond = [bool(self._with_any(other)) for other in others]
        earlier, later = after is not None and beyond[0], before is not None and beyond[-1]
        return Page(
            rows,
            self.order,
            has_next=later if backwards else more or later,
            has_previous=more or earlier if backwards else earlier,
        )

    def totals(self) -> list[dict[str, int | None]]:
        """Return how many rows each list has, or None where that is more than is counted."""
        found = self._statement.count(self._keys, most=MOST_COUNTED + 1)
        return [
            {"id": key, "total": number if number <= MOST_COUNTED else None}
            for key, number in sorted(found.items())
        ]

    def _first_of_each(
        self, bounds: Sequence[Bound], backwards: bool, limit: int
    ) -> list[dict[str, Any]]:
        """Read the first rows of each list within the bounds, in their order, or backwards."""
        descending = self.order.descending != backwards
        rows = self._statement.read(self._keys, bounds, descending=descending, limit=limit)
        fields = self.order.fields
        return sorted(
            rows, key=lambda row: tuple(row[field] for field in fields), reverse=descending
        )

    def _with_any(self, bound: Bound) -> list[int]:
        """Read which lists have rows within that bound."""
        descending = bound.sign.startswith("<")
        rows = self._statement.read(self._keys, [bound], descending=descending, limit=1)
        return sorted(row[self._group] for row in rows)
