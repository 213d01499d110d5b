"""The SQL statements of the hot reads, written here rather than by the ORM.

The ORM takes longer to build one than the database to run it, and what it builds for a page is
slow in a large table: an EXISTS, where ORDER BY counts for nothing, may be looked for from the
wrong end of the table, and `a <= x AND (a < x OR b < y)` reads all rows of the same `a`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from django.db import connections
from django.db.models import Field, Model, QuerySet

# A queryset by `values()`, of plain columns of one table.
Rows: TypeAlias = "QuerySet[Any, Mapping[str, object]]"


@dataclass(frozen=True)
class Bound:
    """Rows on one side of a place in the list: `sign` is `<`, `<=`, `>` or `>=`."""

    sign: str
    keys: Sequence[int]


class Table:
    """The table of a queryset and those of its columns that it reads; none of its filters."""

    def __init__(self, rows: Rows) -> None:
        query = rows.query
        tables = [alias for alias, uses in query.alias_refcount.items() if uses]
        if not query.values_select or query.annotation_select or len(tables) > 1:
            raise ValueError("Only plain columns of one table can be read so.")
        self._connection = connections[rows.db]
        self._names = query.values_select
        self._fields = _fields_of(rows, self._names)
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


class PageStatement:
    """Reads the rows of a queryset in the order of some columns of whole numbers.

    Raises `django.core.exceptions.EmptyResultSet` if the queryset's filters let nothing through.
    """

    def __init__(self, rows: Rows, order: Sequence[str]) -> None:
        self._table = Table(rows)
        columns = (str(field.column) for field in _fields_of(rows, order))
        self._order = [self._table.quoted(column) for column in columns]
        self._filter = ""
        self._filter_values: Sequence[Any] = ()
        if rows.query.where:
            compiler = rows.query.get_compiler(rows.db)
            self._filter, self._filter_values = compiler.compile(rows.query.where)

    def read(
        self, bounds: Sequence[Bound], asked: Sequence[Bound], *, descending: bool, limit: int
    ) -> tuple[list[dict[str, Any]], list[bool]]:
        """Return the first `limit` rows within all of the bounds, and whether there is any row
        within each of those `asked`.
        """
        exist, exist_values = self._existence(asked)
        rest, values = self._part(bounds, descending=descending, limit=limit)
        columns = self._table.columns
        select = f"SELECT {', '.join([*columns, *exist])} {rest}"
        found = self._table.run(select, [*exist_values, *values])
        if found or not asked:
            exists = found[0][len(columns) :] if found else ()
        else:
            [exists] = self._table.run(f"SELECT {', '.join(exist)}", exist_values)
        return self._table.mappings(found), [bool(each) for each in exists]

    def _existence(self, asked: Sequence[Bound]) -> tuple[list[str], list[Any]]:
        """Write what looks for the nearest row, since that is found by the index."""
        texts: list[str] = []
        values: list[Any] = []
        for bound in asked:
            rest, some = self._part([bound], descending=bound.sign.startswith("<"), limit=1)
            texts.append(f"(SELECT 1 {rest}) IS NOT NULL")
            values += some
        return texts, values

    def _part(
        self, bounds: Sequence[Bound], *, descending: bool, limit: int
    ) -> tuple[str, list[Any]]:
        conditions = [self._filter] if self._filter else []
        values: list[Any] = list(self._filter_values)
        for bound in bounds:
            marks = ", ".join(["%s"] * len(bound.keys))
            conditions.append(f"({', '.join(self._order)}) {bound.sign} ({marks})")
            values += bound.keys
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        direction = " DESC" if descending else ""
        order = ", ".join(f"{column}{direction}" for column in self._order)
        return f"FROM {self._table.name}{where} ORDER BY {order} LIMIT {limit:d}", values


def _fields_of(rows: Rows, names: Sequence[str]) -> "list[Field[Any, Any]]":
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
