"""The replica of the accounts: their states, and the one rule by which they are applied.

Of all states of an account the greatest by `database.versions` is kept, whatever the order in
which they come, and however often.

A service installs the app `identity`, has a handler that applies the states of the events
`quotes.user.*`, and has its callers judged by
`ACCOUNT_STANDING = "identity.accounts.standing_of"`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import connection

from database.rows import rows_as_table
from database.versions import rank, rank_in_sql
from identity.models import Account
from identity.standing import Standing

UPDATED = "quotes.user.updated"
DELETED = "quotes.user.deleted"
ROWS_A_STATEMENT = 500  # 6 values each: SQLite takes 32,766, PostgreSQL 65,535
_COLUMNS = {
    "id": "bigint",
    "version": "bigint",
    "active": "boolean",
    "staff": "boolean",
    "valid_from": "timestamptz",
    "deleted": "boolean",
}


class AccountEvent(Protocol):
    """An event about an account, whose data fits the schema of its type."""

    @property
    def type(self) -> str:
        """`UPDATED` or `DELETED`."""

    @property
    def data(self) -> Mapping[str, Any]:
        """The state of the account."""


@dataclass(frozen=True)
class AccountState:
    """An account as it was at one version, or its end. The fields are those of the table."""

    id: int
    version: int
    active: bool = False
    staff: bool = False
    valid_from: datetime | None = None
    deleted: bool = False

    @classmethod
    def of(cls, event: AccountEvent) -> "AccountState":
        """Read what an event says."""
        data = event.data
        if event.type == DELETED:
            return cls(data["id"], data["version"], deleted=True)
        time = data["valid_from"]
        valid_from = None if time is None else datetime.fromisoformat(time)
        return cls(data["id"], data["version"], data["active"], data["staff"], valid_from)

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Of two states of one account, the one of the higher rank is to be kept."""
        return rank(self.deleted, self.version)


def apply_account_states(states: Iterable[AccountState]) -> None:
    """Bring the replica up to these states, where it isn't further already.

    Rows are written in id order, so that two that do this at once can't wait for each other.
    """
    latest: dict[int, AccountState] = {}
    for state in states:
        known = latest.get(state.id)
        if known is None or known.rank < state.rank:
            latest[state.id] = state
    ordered = [latest[user_id] for user_id in sorted(latest)]
    for start in range(0, len(ordered), ROWS_A_STATEMENT):
        _upsert(ordered[start : start + ROWS_A_STATEMENT])


def standing_of(user_id: int) -> Standing | None:
    """Read what is known of an account; `None` if that is nothing."""
    rows = Account.objects.filter(id=user_id).values_list("active", "staff", "valid_from")
    return next((Standing(*row) for row in rows), None)


def _upsert(states: Sequence[AccountState]) -> None:
    table = connection.ops.quote_name(Account._meta.db_table)
    as_stored = connection.ops.adapt_datetimefield_value
    rows = [
        (each.id, each.version, each.active, each.staff, as_stored(each.valid_from), each.deleted)
        for each in states
    ]
    given, parameters = rows_as_table(rows, list(_COLUMNS.values()))
    changes = ", ".join(f"{name} = excluded.{name}" for name in list(_COLUMNS)[1:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS kept ({', '.join(_COLUMNS)})"  # noqa: S608 - constants
            f" SELECT * FROM {given} WHERE true ON CONFLICT (id) DO UPDATE SET {changes}"
            f" WHERE {rank_in_sql('kept')} < {rank_in_sql('excluded')}",
            parameters,
        )
