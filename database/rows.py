"""Many rows as a table inside a statement."""

from collections.abc import Sequence
from typing import Any

from django.db import connection


def rows_as_table(rows: Sequence[Sequence[Any]], types: Sequence[str]) -> tuple[str, list[Any]]:
    """Answer a table of these rows, to stand after FROM, and its parameters.

    There must be a row. Its columns are `column1`, `column2` …; `types` are those of PostgreSQL,
    such as `bigint`. PostgreSQL gets one array per column: with a parameter for each value,
    psycopg is busy for longer than the server.
    """
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{each}[]" for each in types)
        columns = ", ".join(f"column{number + 1}" for number in range(len(types)))
        given = [list(column) for column in zip(*rows, strict=True)]
        return f"unnest({arrays}) AS given({columns})", given
    values = ", ".join([f"({', '.join(['%s'] * len(types))})"] * len(rows))
    return f"(VALUES {values}) AS given", [value for row in rows for value in row]
