"""Pages of a list that is sifted by what no index knows; see `database.sifted`.

Such a page may hold less than was asked for, or nothing, and still have a next one: `end_cursor`
is then where it was looked until. Whether there are rows that pass on the side where it came from
is not looked for: `has_previous` says that there are rows.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet

from database.sifted import SiftedStatement, count
from database.statements import Bound, List, PageStatement
from database.tables import Rows
from rest.paging import Order, Page, between

LOOKED_AT = 2_000  # rows for a page; some 5 ms of a database that has them in memory
MOST_COUNTED = 10_000  # rows; how many more there are is not counted, so that any list costs that


def sifted_page(
    rows: List,
    sieve: Rows,
    order: Order,
    *,
    limit: int,
    after: str | None,
    before: str | None,
    backwards: bool,
) -> Page[dict[str, Any]]:
    """Read up to `limit` rows between two cursors that pass the sieve; see `read_page`."""
    bounds, others = between(order, after, before)
    try:
        statement = SiftedStatement(rows, sieve)
    except EmptyResultSet:
        return Page([], order, has_next=False, has_previous=False)
    descending = order.descending != backwards
    found = statement.read(bounds, descending=descending, limit=limit + 1, looked_at=LOOKED_AT)
    more, last = len(found) > limit, None
    if not more:
        last = statement.last(bounds, descending=descending, looked_at=LOOKED_AT)
    found = found[:limit]
    if backwards:
        found.reverse()
    beyond = [_has_any(rows, other) for other in others]
    earlier, later = after is not None and beyond[0], before is not None and beyond[-1]
    further = more or last is not None
    return Page(
        found,
        order,
        has_next=later if backwards else further or later,
        has_previous=further or earlier if backwards else earlier,
        start=last if backwards else None,
        end=None if backwards else last,
    )


def total(rows: List, sieve: Rows | None) -> int | None:
    """Return how many rows a list has, if it can be told by looking at MOST_COUNTED; else None."""
    try:
        return count(rows, sieve, most=MOST_COUNTED)
    except EmptyResultSet:
        return 0


def _has_any(rows: List, bound: Bound) -> bool:
    descending = bound.sign.startswith("<")
    found, _ = PageStatement(rows).read([bound], [], descending=descending, limit=1)
    return bool(found)
