"""Many rows as a table inside a statement."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection


def rows_as_table(rows: Sequence[Sequence[Any]], types: Sequence[str]) -> tuple[str, list[Any]]:
    """Return a table of these rows, to stand after FROM, and its parameters.

    There must be a row. Its columns are `column1`, `column2` …; `types` are those of PostgreSQL,
    such as `bigint`. PostgreSQL gets one array per column, written out: with a parameter for each
    value, or an array that psycopg writes, psycopg is busy for longer than the server.
    """
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{each}[]" for each in types)
        columns = ", ".join(f"column{number + 1}" for number in range(len(types)))
        return f"unnest({arrays}) AS given({columns})", [_array(c) for c in zip(*rows, strict=True)]
    values = ", ".join([f"({', '.join(['%s'] * len(types))})"] * len(rows))
    return f"(VALUES {values}) AS given", [value for row in rows for value in row]


def _array(values: Iterable[Any]) -> str:
    """Write an array as PostgreSQL reads it: numbers, truth values, times, texts and None.

    https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
    """
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
