"""The SQL statements of the hot reads, written here rather than by the ORM.

The ORM takes longer to build one than the database to run it, and what it builds for a page is
slow in a large table: an EXISTS, where ORDER BY counts for nothing, may be looked for from the
wrong end of the table, and `a <= x AND (a < x OR b < y)` reads all rows of the same `a`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias

from django.db import connections
from django.db.models import Field, Model, QuerySet

# A queryset by `values()`, of plain columns of one table.
Rows: TypeAlias = "QuerySet[Any, Mapping[str, object]]"


Key: TypeAlias = int | datetime


@dataclass(frozen=True)
class Bound:
    """Rows on one side of a place in the list: `sign` is `<`, `<=`, `>` or `>=`."""

    sign: str
    keys: Sequence[Key]


class Table:
    """The table of a queryset and those of its columns that it reads; none of its filters."""

    def __init__(self, rows: Rows) -> None:
        query = rows.query
        tables = [alias for alias, uses in query.alias_refcount.items() if uses]
        if not query.values_select or query.annotation_select or len(tables) > 1:
            raise ValueError("Only plain columns of one table can be read so.")
        self._connection = connections[rows.db]
        self._names = query.values_select
        self._fields = fields_of(rows, self._names)
        self.columns = [self.quoted(str(field.column)) for field in self._fields]
        self.name = self.quoted(rows.model._meta.db_table)

    def quoted(self, name: str) -> str:
        """Write the name of a table or column as the database takes it."""
        return self._connection.ops.quote_name(name)

    def run(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a statement, and return its rows as they come."""
        with self._connection.cursor() as cursor:
            cursor.execute(text, values)
            return cursor.fetchall()

    def mappings(self, found: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """Make mappings, as `values()` gives them, of rows that start with the columns."""
        rows = [dict(zip(self._names, values, strict=False)) for values in found]
        for field, name in zip(self._fields, self._names, strict=True):
            for convert in _converters(field, self._connection.alias):
                for row in rows:
                    row[name] = convert(row[name], field.cached_col, self._connection)
        return rows


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
            bound = next(_tightest(bounds, side), Bound(f"{side}=", ()))
            keys = [*self._leading, *self._adapted_keys(bound)]
            if len(keys) == 1:
                conditions.append(f"{columns[0]} {bound.sign} %s")
            elif keys:
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


def filter_of(rows: Rows) -> tuple[list[str], Sequence[Any]]:
    """Return the condition of a queryset, if it has one, and its values."""
    if not rows.query.where:
        return [], ()
    text, values = rows.query.get_compiler(rows.db).compile(rows.query.where)
    return [text], values


def fields_of(rows: Rows, names: Sequence[str]) -> "list[Field[Any, Any]]":
    """Return the fields of those names."""
    model: type[Model] = rows.model
    return _fields(model, tuple(names))


@cache
def _fields(model: type[Model], names: tuple[str, ...]) -> "list[Field[Any, Any]]":
    fields = (model._meta.get_field(name) for name in names)
    return [field for field in fields if isinstance(field, Field)]


@cache
def _converters(field: "Field[Any, Any]", alias: str) -> list[Callable[..., Any]]:
    """Return what makes Python values of the column's, where the driver does not."""
    connection = connections[alias]
    return [
        *connection.ops.get_db_converters(field.cached_col),
        *field.get_db_converters(connection),
    ]
