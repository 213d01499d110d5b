"""The ids that a table has given, the last of which it never gives again.

A database that is restored gives some of them a second time, unless it is told to leap over them.
"""

from django.db import connection
from django.db.models import Model


def last_given(model: type[Model]) -> int:
    """Return the last id that the table has given, of a row that is gone too; 0 if none."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)",
                _names(model),
            )
        else:
            cursor.execute(
                "SELECT max(seq) FROM sqlite_sequence WHERE name = %s", _names(model)[:1]
            )
        [last] = cursor.fetchone()
    return int(last or 0)


def leap(model: type[Model], last: int) -> None:
    """Have the table give no id up to `last` any more. It never goes back."""
    last = max(last, last_given(model))
    if last == 0:
        return
    table, column = _names(model)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, column, last]
            )
            return
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last, table])
        if not cursor.rowcount:  # nothing was ever written
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])


def _names(model: type[Model]) -> tuple[str, str]:
    primary_key = model._meta.pk
    assert primary_key is not None  # noqa: S101 - each model has one
    return model._meta.db_table, primary_key.attname
