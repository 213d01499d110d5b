"""Rows of a list that pass a sieve which no index knows, looked for in a bounded part of the list.

A page of a list that is sifted reads so many rows at most, and says how far it has looked. Whoever
asks for the next one begins there, so that nothing is left out, however rare it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from database.statements import Bound, List
from database.tables import Rows, filter_of


class SiftedStatement:
    """Reads those rows of a list that the filters of another queryset let through.

    Raises `django.core.exceptions.EmptyResultSet` if they let nothing through.
    """

    def __init__(self, of: List, sieve: Rows) -> None:
        self._list = of
        [self._sieve], self._sieve_values = filter_of(sieve)

    def read(
        self, bounds: Sequence[Bound], *, descending: bool, limit: int, looked_at: int
    ) -> list[dict[str, Any]]:
        """Return the first `limit` that pass of the first rows within the bounds, which are so many
        as are looked at.
        """
        # It has the table's name, which the sieve knows.
        name, table = self._list.table.name, self._list.table
        part, values = self._list.part(bounds, descending=descending, limit=looked_at)
        text = (
            f"SELECT {', '.join(table.columns)} FROM (SELECT * {part}) AS {name}"  # noqa: S608
            f" WHERE {self._sieve} ORDER BY {self._list.direction(descending)} LIMIT {limit:d}"
        )
        return table.mappings(table.run(text, [*values, *self._sieve_values]))

    def last(
        self, bounds: Sequence[Bound], *, descending: bool, looked_at: int
    ) -> dict[str, Any] | None:
        """Return the last row that is looked at, or None if the list ends there."""
        table = self._list.table
        part, values = self._list.part(bounds, descending=descending, limit=looked_at + 1)
        text = (
            f"SELECT {', '.join(table.columns)}, count(*) OVER ()"  # noqa: S608 - no input
            f" FROM (SELECT * {part}) AS looked_at"
            f" ORDER BY {self._list.direction(not descending)} LIMIT 2"
        )
        found = table.run(text, values)
        return table.mappings(found)[1] if found and found[0][-1] > looked_at else None


def count(of: List, sieve: Rows | None, *, most: int) -> int | None:
    """Return how many rows a list has, or of them pass the sieve: None if there are more to look
    at than `most`.
    """
    part, values = of.part((), descending=True, limit=most + 1)
    passed, columns, sieve_values = "count(*)", "1", []
    if sieve is not None:
        [condition], sieve_values = filter_of(sieve)
        passed, columns = f"count(CASE WHEN {condition} THEN 1 END)", "*"
    text = f"SELECT count(*), {passed} FROM (SELECT {columns} {part}) AS {of.table.name}"  # noqa: S608
    [(looked_at, found)] = of.table.run(text, [*sieve_values, *values])
    return None if looked_at > most else int(found)
