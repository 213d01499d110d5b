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

from database.rows import rows_as_table

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
        self._filter, self._filter_values = _filter_of(rows)

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

    def keys_at(
        self, bounds: Sequence[Bound], *, descending: bool, offset: int
    ) -> tuple[int, ...] | None:
        """Return the order's columns of the row at an offset within the bounds, if there is one."""
        rest, values = self._part(bounds, descending=descending, limit=1)
        select = f"SELECT {', '.join(self._order)} {rest} OFFSET {offset:d}"
        return next(iter(self._table.run(select, values)), None)

    def read_among(
        self,
        candidates: tuple[str, Sequence[Any]],
        bounds: Sequence[Bound],
        *,
        descending: bool,
        limit: int,
        most: int,
    ) -> list[dict[str, Any]] | None:
        """Return the first `limit` rows within the bounds of those whose ids a statement selects
        as `id`; None if it selects more than `most`.
        """
        statement, given = candidates
        table, columns = self._table.name, self._table.columns
        conditions, values = self._conditions(bounds)
        conditions = [f"{table}.id IN (SELECT id FROM candidates)", *conditions]  # noqa: S608
        text = (
            f"WITH selected AS MATERIALIZED ({statement}),"  # noqa: S608 - no input
            f" candidates AS MATERIALIZED (SELECT id FROM selected LIMIT {most + 1:d})"
            f" SELECT {', '.join(f'{table}.{column}' for column in columns)}, counted.number"
            f" FROM (SELECT count(*) AS number FROM candidates) AS counted LEFT JOIN {table}"
            f" ON {' AND '.join(conditions)} {self._sorted(descending=descending)} LIMIT {limit:d}"
        )
        found = self._table.run(text, [*given, *values])
        if found[0][-1] > most:
            return None
        return self._table.mappings([row for row in found if row[0] is not None])

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
        conditions, values = self._conditions(bounds)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        order = self._sorted(descending=descending)
        return f"FROM {self._table.name}{where} {order} LIMIT {limit:d}", values

    def _conditions(self, bounds: Sequence[Bound]) -> tuple[list[str], list[Any]]:
        conditions = [*self._filter]
        values: list[Any] = [*self._filter_values]
        for bound in bounds:
            marks = ", ".join(["%s"] * len(bound.keys))
            conditions.append(f"({', '.join(self._order)}) {bound.sign} ({marks})")
            values += bound.keys
        return conditions, values

    def _sorted(self, *, descending: bool) -> str:
        direction = " DESC" if descending else ""
        return f"ORDER BY {', '.join(f'{column}{direction}' for column in self._order)}"


class GroupsStatement:
    """Reads the first rows of each of several groups, such as all rows of one parent.

    It reads as many rows as it returns, however many each group has: an index has the group's
    column first and then the order's, which is the primary key. (A window would number them all.)
    """

    def __init__(self, rows: Rows, *, group: str, order: str) -> None:
        self._table = Table(rows)
        columns = (str(field.column) for field in _fields_of(rows, (group, order)))
        self._group, self._order = (self._table.quoted(column) for column in columns)
        self._is_postgresql = connections[rows.db].vendor == "postgresql"
        self._filter, self._filter_values = _filter_of(rows)

    def read(
        self, groups: Sequence[int], bounds: Sequence[Bound], *, descending: bool, limit: int
    ) -> list[dict[str, Any]]:
        """Return up to `limit` rows of each group, within all of the bounds."""
        if not groups:
            return []
        given, values = rows_as_table([(group,) for group in groups], ["bigint"])
        conditions = [f"{self._group} = given.column1", *self._filter]
        values += self._filter_values
        for bound in bounds:
            conditions.append(f"{self._order} {bound.sign} %s")
            values += bound.keys
        table, columns, key = self._table.name, ", ".join(self._table.columns), self._order
        direction = " DESC" if descending else ""
        first = (
            f"FROM {table} WHERE {' AND '.join(conditions)}"
            f" ORDER BY {self._order}{direction} LIMIT {limit:d}"
        )
        if self._is_postgresql:
            found = f"CROSS JOIN LATERAL (SELECT {columns} {first}) AS found"
        else:
            found = f"CROSS JOIN {table} AS found ON found.{key} IN (SELECT {key} {first})"
        text = f"SELECT {columns} FROM {given} {found}"  # noqa: S608 - no input
        return self._table.mappings(self._table.run(text, values))


def _filter_of(rows: Rows) -> tuple[list[str], Sequence[Any]]:
    """Return the condition of a queryset, if it has one, and its values."""
    if not rows.query.where:
        return [], ()
    text, values = rows.query.get_compiler(rows.db).compile(rows.query.where)
    return [text], values


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
