"""Keyset pages: as fast at the end of a list as at its start, and steady while rows come and go.

A page is found by the values of the order's columns, never by counting rows; so no row shows
twice or is missed because others were added or deleted in between, and the row that a cursor
points at may itself be gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from rest.cursors import decode_cursor, encode_cursor

MAX_LIMIT = 100

M = TypeVar("M", bound=Model)
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
        """Tell whether the list starts with the largest."""
        return self.columns[0].startswith("-")

    def reversed(self) -> tuple[str, ...]:
        """The columns for the same list from its end."""
        return tuple(self.fields) if self.descending else tuple(f"-{f}" for f in self.fields)

    def cursor(self, row: Any) -> str:
        """Write the cursor of a row: a model instance, or a mapping as `values()` answers."""
        read = row.__getitem__ if isinstance(row, Mapping) else lambda name: getattr(row, name)
        return encode_cursor(self.name, [read(field) for field in self.fields])

    def keys(self, cursor: str) -> tuple[int, ...]:
        """Read a cursor. Raises `InvalidCursor`."""
        return decode_cursor(cursor, self.name, len(self.columns))

    def beyond(self, keys: Sequence[int], *, later: bool, inclusive: bool = False) -> Q:
        """The rows that come later (or earlier) in the list than the row with these keys."""
        smaller = later == self.descending
        *leading, last = range(len(keys))
        sign = "lt" if smaller else "gt"
        condition = Q(**{f"{self.fields[last]}__{sign}{'e' if inclusive else ''}": keys[last]})
        for place in reversed(leading):
            # Written so that the first column bounds an index scan: a <= x AND (a < x OR …).
            field, key = self.fields[place], keys[place]
            condition = Q(**{f"{field}__{sign}e": key}) & (
                Q(**{f"{field}__{sign}": key}) | condition
            )
        return condition


@dataclass(frozen=True)
class Page(Generic[R]):
    """Some rows of a list, in list order, and whether there are others on either side."""

    rows: list[R]
    order: Order
    has_next: bool
    has_previous: bool

    def info(self) -> dict[str, Any]:
        """Answer `page_info` as the REST contract has it."""
        return {
            "has_next": self.has_next,
            "has_previous": self.has_previous,
            "start_cursor": self.order.cursor(self.rows[0]) if self.rows else None,
            "end_cursor": self.order.cursor(self.rows[-1]) if self.rows else None,
        }


def read_page(
    rows: "QuerySet[M, R]",
    order: Order,
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    backwards: bool = False,
) -> "Page[R]":
    """Read `limit` rows between two cursors: the first of them, or `backwards` the last.

    Costs one query, and one small EXISTS if a cursor is given. `has_next` and `has_previous`
    are about the whole list, not only the rows between the cursors.
    """
    after_keys = order.keys(after) if after is not None else None
    before_keys = order.keys(before) if before is not None else None
    window = rows
    if after_keys is not None:
        window = window.filter(order.beyond(after_keys, later=True))
    if before_keys is not None:
        window = window.filter(order.beyond(before_keys, later=False))
    window = window.order_by(*(order.reversed() if backwards else order.columns))
    found = list(window[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    if backwards:
        found.reverse()
    earlier, later = after_keys is not None, before_keys is not None
    if earlier and not (backwards and more):
        earlier = rows.filter(order.beyond(after_keys or (), later=False, inclusive=True)).exists()
    if later and (backwards or not more):
        later = rows.filter(order.beyond(before_keys or (), later=True, inclusive=True)).exists()
    return Page(
        rows=found,
        order=order,
        has_next=later if backwards else more or later,
        has_previous=more or earlier if backwards else earlier,
    )
