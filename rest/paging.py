"""Keyset pages: as fast at the end of a list as at its start, and steady while rows come and go.

A page is found by the values of the order's columns, never by counting rows; so no row shows
twice or is missed because others were added or deleted in between, and the row that a cursor
points at may itself be gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from pydantic import Field

from database.statements import Bound, PageStatement, Rows
from rest.cursors import decode_cursor, encode_cursor
from rest.numbers import Whole

MAX_LIMIT = 100
Limit = Annotated[Whole, Field(ge=1, le=MAX_LIMIT)]

R = TypeVar("R")


@dataclass(frozen=True)
class Order:
    """The order of a list: its name (part of the cursors) and whole-number columns.

    Columns are as for `order_by`: all ascending or all descending, the last one unique.
    """

    name: str
    columns: tuple[str, ...]

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
        return encode_cursor(self.name, [read(field) for field in self.fields])

    def keys(self, cursor: str) -> tuple[int, ...]:
        """Read a cursor. Raises `InvalidCursor`."""
        return decode_cursor(cursor, self.name, len(self.columns))

    def beyond(self, keys: Sequence[int], *, later: bool, inclusive: bool = False) -> Bound:
        """The rows that come later (or earlier) in the list than the row with these keys."""
        sign = "<" if later == self.descending else ">"
        return Bound(f"{sign}=" if inclusive else sign, keys)


@dataclass(frozen=True)
class Page(Generic[R]):
    """Some rows of a list, in list order, and whether there are others on either side."""

    rows: list[R]
    order: Order
    has_next: bool
    has_previous: bool

    def info(self) -> dict[str, Any]:
        """Return `page_info` as the REST contract has it."""
        return {
            "has_next": self.has_next,
            "has_previous": self.has_previous,
            "start_cursor": self.order.cursor(self.rows[0]) if self.rows else None,
            "end_cursor": self.order.cursor(self.rows[-1]) if self.rows else None,
        }


def read_page(
    rows: Rows,
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
    bounds, asked = [], []
    if after is not None:
        keys = order.keys(after)
        bounds.append(order.beyond(keys, later=True))
        asked.append(order.beyond(keys, later=False, inclusive=True))
    if before is not None:
        keys = order.keys(before)
        bounds.append(order.beyond(keys, later=False))
        asked.append(order.beyond(keys, later=True, inclusive=True))
    try:
        statement = PageStatement(rows, order.fields)
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
