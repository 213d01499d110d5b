"""A table as the hot reads know it; see `statements.py`."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from django.db import connections
from django.db.models import Field, Model, QuerySet

# A queryset by `values()`, of plain columns of one table.
Rows: TypeAlias = "QuerySet[Any, Mapping[str, object]]"


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
