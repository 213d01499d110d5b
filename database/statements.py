"""The SQL statements of the hot reads, written here rather than by the ORM.

The ORM takes longer to build one than the database to run it, and what it builds for a page is
slow in a large table: an EXISTS, where ORDER BY counts for nothing, may be looked for from the
wrong end of the table, and `a <= x AND (a < x OR b < y)` reads all rows of the same `a`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db import connections

from database.tables import Rows, Table, fields_of, filter_of

Key: TypeAlias = int | datetime


@dataclass(frozen=True)
class Bound:
    """Rows on one side of a place in the list: `sign` is `<`, `<=`, `>` or `>=`."""

    sign: str
    keys: Sequence[Key]


class List:
    """The rows of a queryset in the order of some columns of whole numbers or times.

    Only those `within` some bounds belong to it, and only those with the value of a `leading`
    column, if one is named; an index has that column first and then the order's. Raises
    `django.core.exceptions.EmptyResultSet` if the queryset's filters let nothing through.
    """

    def __init__(
        self,
        rows: Rows,
        order: Sequence[str],
        within: Sequence[Bound] = (),
        leading: tuple[str, Any] | None = None,
    ) -> None:
        connection = connections[rows.db]
        self.table = Table(rows)
        self.order = [self.table.quoted(str(field.column)) for field in fields_of(rows, order)]
        self._within = tuple(within)
        self._filter, self._filter_values = filter_of(rows)
        self._adapted = connection.ops.adapt_datetimefield_value
        self._is_sqlite = connection.vendor == "sqlite"
        self._prefix: list[str] = []
        self._leading: list[Any] = []
        if leading is not None:
            [field] = fields_of(rows, leading[:1])
            self._lead_by(self.table.quoted(str(field.column)), leading[1])

    def _lead_by(self, column: str, value: Any) -> None:
        """Have the column lead. PostgreSQL takes no other index than the one that begins with it if
        the order does so, too, and it can't see that the order has but one value there: it would
        else read a common value's rows in the order of all, though there may be none for long.
        """
        if self._is_sqlite:
            self._filter = [*self._filter, f"{column} = %s"]
            self._filter_values = [*self._filter_values, value]
        else:
            self._prefix, self._leading = [column], [value]

    def part(
        self, bounds: Sequence[Bound], *, descending: bool, limit: int
    ) -> tuple[str, list[Any]]:
        """Write the first `limit` rows within the bounds, from FROM on, and the values in it."""
        side = "<" if descending else ">"
        start = next(_tightest((*self._within, *bounds), side), None)
        if self._is_sqlite and start is not None and len(self.order) == 2:
            return self._part_of_sqlite(bounds, start, descending=descending, limit=limit)
        return self._ordered(self.conditions(bounds), descending=descending, limit=limit)

    def _part_of_sqlite(
        self, bounds: Sequence[Bound], start: Bound, *, descending: bool, limit: int
    ) -> tuple[str, list[Any]]:
        """Write the same for SQLite, which searches an index by the first of two compared columns
        alone, and would read all rows that have the same there.
        """
        first, key = self.order
        far = [each for each in (*self._within, *bounds) if each.sign[0] != start.sign[0]]
        conditions, values = self._where(far)
        beginning, last = self._adapted_keys(start)
        same = (
            [*conditions, f"{first} = %s", f"{key} {start.sign} %s"],
            [*values, beginning, last],
        )
        others = ([*conditions, f"{first} {start.sign[0]} %s"], [*values, beginning])
        parts, found = [], []
        for each in (same, others):
            part, some = self._ordered(each, descending=descending, limit=limit)
            parts.append(f"SELECT {key} FROM (SELECT {key} {part})")  # noqa: S608 - no input
            found += some
        within = f"{key} IN ({' UNION ALL '.join(parts)})"
        return self._ordered(([within], found), descending=descending, limit=limit)

    def _ordered(
        self, where: tuple[list[str], list[Any]], *, descending: bool, limit: int
    ) -> tuple[str, list[Any]]:
        conditions, values = where
        text = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return (
            f"FROM {self.table.name}{text} ORDER BY {self.direction(descending)} LIMIT {limit:d}",
            values,
        )

    def direction(self, descending: bool) -> str:
        """Write what stands after ORDER BY."""
        columns = [*self._prefix, *self.order]
        return ", ".join(f"{column}{' DESC' if descending else ''}" for column in columns)

    def conditions(self, bounds: Sequence[Bound]) -> tuple[list[str], list[Any]]:
        """Write what holds of the rows within the bounds, and the values in it."""
        return self._where((*self._within, *bounds))

    def _where(self, bounds: Sequence[Bound]) -> tuple[list[str], list[Any]]:
        conditions = [*self._filter]
        values: list[Any] = [*self._filter_values]
        columns = [*self._prefix, *self.order]
        for side in "<>":
            # Beside a bound, too: PostgreSQL can't tell from a row's comparison how few rows have
            # the leading value, and would take any index that begins with it, and sort.
            conditions += [f"{column} {side}= %s" for column in self._prefix]
            values += self._leading
            for bound in _tightest(bounds, side):
                keys = [*self._leading, *self._adapted_keys(bound)]
                if len(keys) == 1:
                    conditions.append(f"{columns[0]} {bound.sign} %s")
                else:
                    marks = ", ".join(["%s"] * len(keys))
                    conditions.append(f"({', '.join(columns[: len(keys)])}) {bound.sign} ({marks})")
                values += keys
        return conditions, values

    def _adapted_keys(self, bound: Bound) -> list[Any]:
        return [self._adapted(key) if isinstance(key, datetime) else key for key in bound.keys]


class PageStatement:
    """Reads a part of a list."""

    def __init__(self, of: List) -> None:
        self._list = of

    def read(
        self, bounds: Sequence[Bound], asked: Sequence[Bound], *, descending: bool, limit: int
    ) -> tuple[list[dict[str, Any]], list[bool]]:
        """Return the first `limit` rows within all of the bounds, and whether there is any row
        within each of those `asked`.
        """
        exist, exist_values = self._existence(asked)
        rest, values = self._list.part(bounds, descending=descending, limit=limit)
        table = self._list.table
        select = f"SELECT {', '.join([*table.columns, *exist])} {rest}"
        found = table.run(select, [*exist_values, *values])
        if found or not asked:
            exists = found[0][len(table.columns) :] if found else ()
        else:
            [exists] = table.run(f"SELECT {', '.join(exist)}", exist_values)
        return table.mappings(found), [bool(each) for each in exists]

    def keys_at(
        self, bounds: Sequence[Bound], *, descending: bool, offset: int
    ) -> tuple[int, ...] | None:
        """Return the order's columns of the row at an offset within the bounds, if there is one."""
        rest, values = self._list.part(bounds, descending=descending, limit=offset + 1)
        columns = ", ".join(self._list.order)
        listed = f"(SELECT {columns} {rest}) AS listed"
        select = f"SELECT {columns} FROM {listed} LIMIT 1 OFFSET {offset:d}"  # noqa: S608
        return next(iter(self._list.table.run(select, values)), None)

    def read_among(
        self,
        candidates: tuple[str, Sequence[Any]],
        bounds: Sequence[Bound],
        *,
        descending: bool,
        limit: int,
        most: int,
        ids_suffice: bool,
    ) -> list[dict[str, Any]] | None:
        """Return the first `limit` rows within the bounds of those whose ids a statement selects
        as `id`, where what it selects as `chosen` is true; None if it selects more than `most`.

        Where `ids_suffice`, they are all that is asked for, and the table is not read.
        """
        statement, given = candidates
        table, columns = self._list.table.name, self._list.table.columns
        conditions, values = self._list.conditions(bounds)
        order = self._list.direction(descending)
        chosen = "(SELECT id FROM candidates WHERE chosen)"
        source = f"{chosen} AS {table}" if ids_suffice else table
        conditions = ["true" if ids_suffice else f"{table}.id IN {chosen}", *conditions]
        text = (
            f"WITH selected AS MATERIALIZED ({statement}),"  # noqa: S608 - no input
            f" candidates AS MATERIALIZED (SELECT id, chosen FROM selected LIMIT {most + 1:d})"
            f" SELECT {', '.join(f'{table}.{column}' for column in columns)}, counted.number"
            f" FROM (SELECT count(*) AS number FROM candidates) AS counted LEFT JOIN {source}"
            f" ON {' AND '.join(conditions)} ORDER BY {order} LIMIT {limit:d}"
        )
        found = self._list.table.run(text, [*given, *values])
        if found[0][-1] > most:
            return None
        return self._list.table.mappings([row for row in found if row[0] is not None])

    def _existence(self, asked: Sequence[Bound]) -> tuple[list[str], list[Any]]:
        """Write what looks for the nearest row, since that is found by the index."""
        texts: list[str] = []
        values: list[Any] = []
        for bound in asked:
            rest, some = self._list.part([bound], descending=bound.sign.startswith("<"), limit=1)
            texts.append(f"(SELECT 1 {rest}) IS NOT NULL")
            values += some
        return texts, values


def _tightest(bounds: Sequence[Bound], side: str) -> Iterator[Bound]:
    """Give the one bound on a side that holds for all there: SQLite searches by one alone."""
    of_side = [bound for bound in bounds if bound.sign.startswith(side)]
    if len(of_side) == 1:
        yield of_side[0]
    elif of_side:
        choose = min if side == "<" else max
        keys = choose(tuple(bound.keys) for bound in of_side)
        strict = any(len(each.sign) == 1 for each in of_side if tuple(each.keys) == keys)
        yield Bound(side if strict else f"{side}=", keys)
