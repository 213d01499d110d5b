"""The statements that read several lists of a table at once."""

from collections.abc import Sequence
from typing import Any

from django.db import connections

from database.rows import rows_as_table
from database.statements import Bound, List, Rows, fields_of


class GroupsStatement:
    """Reads the first rows of each of several groups, such as all rows of one parent.

    It reads as many rows as it returns, however many each group has: an index has the group's
    column first and then the order's. (A window would number them all.)
    """

    def __init__(self, rows: Rows, *, group: str, order: Sequence[str]) -> None:
        self._list = List(rows, order)
        names = (group, rows.model._meta.pk.name)
        columns = (str(field.column) for field in fields_of(rows, names))
        self._group, self._key = (self._list.table.quoted(column) for column in columns)
        self._is_postgresql = connections[rows.db].vendor == "postgresql"

    def read(
        self, groups: Sequence[int], bounds: Sequence[Bound], *, descending: bool, limit: int
    ) -> list[dict[str, Any]]:
        """Return up to `limit` rows of each group, within all of the bounds."""
        if not groups:
            return []
        given, values = rows_as_table([(group,) for group in groups], ["bigint"])
        conditions, others = self._list.conditions(bounds)
        table = self._list.table
        columns, key = ", ".join(table.columns), self._key
        conditions = [f"{self._group} = given.column1", *conditions]
        first = (
            f"FROM {table.name} WHERE {' AND '.join(conditions)}"
            f" ORDER BY {self._list.direction(descending)} LIMIT {limit:d}"
        )
        if self._is_postgresql:
            found = f"CROSS JOIN LATERAL (SELECT {columns} {first}) AS found"
        else:
            found = f"CROSS JOIN {table.name} AS found ON found.{key} IN (SELECT {key} {first})"
        text = f"SELECT {columns} FROM {given} {found}"  # noqa: S608 - no input
        return table.mappings(table.run(text, [*values, *others]))

    def count(self, groups: Sequence[int], *, most: int) -> dict[int, int]:
        """Return how many rows each group has, none counted further than `most`."""
        if not groups:
            return {}
        given, values = rows_as_table([(group,) for group in groups], ["bigint"])
        conditions, others = self._list.conditions(())
        conditions = [f"{self._group} = given.column1", *conditions]
        counted = (
            f"SELECT 1 FROM {self._list.table.name} WHERE {' AND '.join(conditions)}"  # noqa: S608
            f" ORDER BY {self._list.direction(descending=True)} LIMIT {most:d}"
        )
        text = f"SELECT column1, (SELECT count(*) FROM ({counted}) AS counted) FROM {given}"  # noqa: S608
        return dict(self._list.table.run(text, [*others, *values]))
