"""The statements that read several lists of a table at once."""

from collections.abc import Sequence
from typing import Any

from django.db import connections

from database.rows import rows_as_table
from database.statements import Bound, List
from database.tables import Rows, fields_of


class GroupsStatement:
    """Reads the first rows of each of several groups, such as all rows of one parent.

    It reads as many rows as it returns, however many each group has: an index has the group's
    column first and then the order's. (A window would number them all.) If all columns of that
    index ascend, `ascending` makes sure that PostgreSQL takes it and no other, as `List` has it.
    """

    def __init__(
        self, rows: Rows, *, group: str, order: Sequence[str], ascending: bool = False
    ) -> None:
        self._list = List(rows, order)
        names = (group, rows.model._meta.pk.name)
        columns = (str(field.column) for field in fields_of(rows, names))
        self._group, self._key = (self._list.table.quoted(column) for column in columns)
        self._ascending = ascending
        self._is_postgresql = connections[rows.db].vendor == "postgresql"

    def read(
        self, groups: Sequence[int], bounds: Sequence[Bound], *, descending: bool, limit: int
    ) -> list[dict[str, Any]]:
        """Return up to `limit` rows of each group, within all of the bounds."""
        if not groups:
            return []
        given, values = rows_as_table([(group,) for group in groups], ["bigint"])
        first, others = self._of_group(bounds, descending=descending, limit=limit)
        table = self._list.table
        columns, key = ", ".join(table.columns), self._key
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
        rest, others = self._of_group((), descending=True, limit=most)
        text = (
            f"SELECT column1, (SELECT count(*) FROM (SELECT 1 {rest}) AS counted)"  # noqa: S608
            f" FROM {given}"
        )
        return dict(self._list.table.run(text, [*others, *values]))

    def _of_group(
        self, bounds: Sequence[Bound], *, descending: bool, limit: int
    ) -> tuple[str, list[Any]]:
        """Write the first rows of the group that is `given`."""
        conditions, values = self._list.conditions(bounds)
        order = self._list.direction(descending)
        if self._is_postgresql and self._ascending:
            conditions += [f"{self._group} {sign} given.column1" for sign in (">=", "<=")]
            order = f"{self._group}{' DESC' if descending else ''}, {order}"
        else:
            conditions.append(f"{self._group} = given.column1")
        return (
            f"FROM {self._list.table.name} WHERE {' AND '.join(conditions)}"
            f" ORDER BY {order} LIMIT {limit:d}",
            values,
        )
