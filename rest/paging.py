"""Keyset pages: as fast at the end of a list as at its start, and steady while rows come and go.

A page is found by the values of the order's columns, never by counting rows; so no row shows
twice or is missed because others were added or deleted in between, and the row that a cursor
points at may itself be gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from pydantic import Field

from database.statements import Bound, Key, List, PageStatement
from database.tables import Rows
from rest.cursors import decode_cursor, encode_cursor
from rest.errors import InvalidCursor
from rest.numbers import Whole

MAX_LIMIT = 100
Limit = Annotated[Whole, Field(ge=1, le=MAX_LIMIT)]

R = TypeVar("R")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Order:
    """The order of a list: its name (part of the cursors), and columns of whole numbers or times.

    Columns are as for `order_by`: all ascending or all descending, the last one unique. A cursor
    has the microseconds of a time.
    """

    name: str
    columns: tuple[str, ...]
    times: frozenset[str] = frozenset()  # those of the columns that are no numbers

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns' names alone."""
        return tuple(column.lstrip("-") for column in self.columns)

    @property
    def descending(self) -> bool:
        """Return whether the list starts with the largest."""
        return self.columns[0].startswith("-")

    def cursor(self, row: Any) -> str:
        """Write the cursor of a row: a model instance, or a mapping as `values()` gives."""
        read = row.__getitem__ if isinstance(row, Mapping) else lambda name: getattr(row, name)
        keys = [read(field) for field in self.fields]
        if self.times:
            keys = [(k - _EPOCH) // _MICROSECOND if isinstance(k, datetime) else k for k in keys]
        return encode_cursor(self.name, keys)

    def keys(self, cursor: str) -> tuple[Key, ...]:
        """Read a cursor. Raises `InvalidCursor`."""
        keys = decode_cursor(cursor, self.name, len(self.columns))
        if not self.times:
            return keys
        try:
            return tuple(
                _EPOCH + key * _MICROSECOND if field in self.times else key
                for field, key in zip(self.fields, keys, strict=True)
            )
        except OverflowError:
            raise InvalidCursor from None

    def beyond(self, keys: Sequence[Key], *, later: bool, inclusive: bool = False) -> Bound:
        """The rows that come later (or earlier) in the list than the row with these keys."""
        sign = "<" if later == self.descending else ">"
        return Bound(f"{sign}=" if inclusive else sign, keys)


@dataclass(frozen=True)
class Page(Generic[R]):
    """Some rows of a list, in list order, and whether there are others on either side.

    `start` and `end` are where it was looked for them, if not from the first to the last of them.
    """

    rows: list[R]
    order: Order
    has_next: bool
    has_previous: bool
    start: R | None = None
    end: R | None = None

    def info(self) -> dict[str, Any]:
        """Return `page_info` as the REST contract has it."""
        start = self.start or (self.rows[0] if self.rows else None)
        end = self.end or (self.rows[-1] if self.rows else None)
        return {
            "has_next": self.has_next,
            "has_previous": self.has_previous,
            "start_cursor": None if start is None else self.order.cursor(start),
            "end_cursor": None if end is None else self.order.cursor(end),
        }


def between(order: Order, after: str | None, before: str | None) -> tuple[list[Bound], list[Bound]]:
    """Return the bounds of what is between two cursors, and of what is on their other sides.

    Raises `InvalidCursor`.
    """
    bounds, others = [], []
    for cursor, later in ((after, True), (before, False)):
        if cursor is not None:
            keys = order.keys(cursor)
            bounds.append(order.beyond(keys, later=later))
            others.append(order.beyond(keys, later=not later, inclusive=True))
    return bounds, others


def read_page(
    rows: Rows | List,
    order: Order,
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    backwards: bool = False,
) -> Page[dict[str, Any]]:
    """Read `limit` rows between two cursors: the first of them, or `backwards` the last.

    Costs one query, and another if there is none between. `has_next` and `has_previous` are about
    the whole list, not only the rows between the cursors.
    """
    bounds, asked = between(order, after, before)
    try:
        listed = rows if isinstance(rows, List) else List(rows, order.fields)
        statement = PageStatement(listed)
    except EmptyResultSet:
        return Page([], order, has_next=False, has_previous=False)
    found, beyond = statement.read(
        bounds, asked, descending=order.descending != backwards, limit=limit + 1
    )
    earlier = after is not None and beyond[0]
    later = before is not None and beyond[-1]
    more = len(found) > limit
    found = found[:limit]
    if backwards:
        found.reverse()
    return Page(
        rows=found,
        order=order,
        has_next=later if backwards else more or later,
        has_previous=more or earlier if backwards else earlier,
    )
