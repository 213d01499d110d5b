"""The replica of the quotes: states of quotes, and the one rule by which they are applied.

A state may come by an event, late, early or repeatedly, or by asking Quotes; it makes no
difference. Of all states of a quote the greatest by `database.versions` is kept. As taking the
greatest does not depend on order or repetition, neither does the replica.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.dateparse import parse_datetime

from database.rows import rows_as_table
from database.versions import rank, rank_in_sql
from likes_service import quote_locks
from likes_service.models import Like, Quote, WithdrawnLike

ROWS_A_STATEMENT = 500  # 8 values each: SQLite takes 32,766, PostgreSQL 65,535
_COLUMNS = {
    "id": "bigint",
    "title": "text",
    "author": "text",
    "version": "bigint",
    "created_by": "bigint",
    "deleted": "boolean",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}


@dataclass(frozen=True, kw_only=True)
class QuoteState:
    """A quote as it was at one version, or its end."""

    id: int
    version: int
    deleted: bool = False
    title: str = ""
    author: str = ""
    created_by: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "QuoteState":
        """Read a quote as the REST responses and the events of Quotes have it.

        Fields that are not known here are ignored. Raises KeyError, TypeError or ValueError
        if the data is not a quote.
        """
        created_by = data["created_by"]
        return cls(
            id=_whole_number(data["id"]),
            version=_whole_number(data["version"]),
            title=_text(data["title"]),
            author=_text(data["author"] or ""),
            created_by=None if created_by is None else _whole_number(created_by),
            created_at=_time(data["created_at"]),
            updated_at=_time(data["updated_at"]),
        )

    @classmethod
    def deleted_at(cls, data: Mapping[str, Any]) -> "QuoteState":
        """Read the event that a quote was deleted. Raises as `parse` does."""
        return cls(
            id=_whole_number(data["id"]), version=_whole_number(data["version"]), deleted=True
        )

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Of two states of one quote, the one of the higher rank is to be kept."""
        return rank(self.deleted, self.version)


def apply_quote_states(states: Iterable[QuoteState]) -> None:
    """Bring the replica up to these states, where it isn't further already.

    The likes of a deleted quote go with it. Set-based, and with rows in id order, so that two
    that apply states at once can't wait for each other.
    """
    latest: dict[int, QuoteState] = {}
    for state in states:
        known = latest.get(state.id)
        if known is None or known.rank < state.rank:
            latest[state.id] = state
    ordered = [latest[quote_id] for quote_id in sorted(latest)]
    deleted = [state.id for state in ordered if state.deleted]
    with transaction.atomic():
        # Every like that is under way ends before, so that it is seen and removed here; one that
        # comes later finds the tombstone.
        quote_locks.take(deleted)
        for start in range(0, len(ordered), ROWS_A_STATEMENT):
            _upsert(ordered[start : start + ROWS_A_STATEMENT])
        # A deletion of a life that is lost changes nothing.
        gone = Quote.objects.filter(id__in=deleted, deleted=True)
        _remove_likes(list(gone.values_list("id", flat=True)) if deleted else [])


def remove_likes_of_others(states: Iterable[QuoteState]) -> None:
    """Remove the likes of quotes that had the ids of these before: they are known by their times.

    So it is where Quotes gave an id twice, before its restore was finished.
    """
    made_at = {state.id: state.created_at for state in states}
    if not made_at:
        return
    known = Quote.objects.filter(id__in=made_at, created_at__isnull=False)
    others = [
        quote_id
        for quote_id, created_at in known.values_list("id", "created_at")
        if created_at != made_at[quote_id]
    ]
    with transaction.atomic():
        quote_locks.take(others)
        _remove_likes(others)


def _remove_likes(quote_ids: Collection[int]) -> None:
    if quote_ids:
        Like.objects.filter(quote_id__in=quote_ids).delete()
        WithdrawnLike.objects.filter(quote_id__in=quote_ids).delete()


def _upsert(states: list[QuoteState]) -> None:
    table = connection.ops.quote_name(Quote._meta.db_table)
    given, parameters = rows_as_table([_values(state) for state in states], list(_COLUMNS.values()))
    names = ", ".join(_COLUMNS)
    changes = ", ".join(f"{name} = excluded.{name}" for name in list(_COLUMNS)[1:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS kept ({names})"  # noqa: S608 - constants
            f" SELECT * FROM {given} WHERE true ON CONFLICT (id) DO UPDATE SET {changes}"
            f" WHERE {rank_in_sql('kept')} < {rank_in_sql('excluded')}",
            parameters,
        )


def _values(state: QuoteState) -> tuple[Any, ...]:
    as_stored = connection.ops.adapt_datetimefield_value
    return (
        state.id,
        state.title,
        state.author,
        state.version,
        state.created_by,
        state.deleted,
        as_stored(state.created_at),
        as_stored(state.updated_at),
    )


def _whole_number(value: Any) -> int:
    if type(value) is not int or not 1 <= value < 2**63:
        raise ValueError("not a number from 1 to the largest that a database holds")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a text that a database holds")
    value.encode()  # UnicodeEncodeError, a ValueError, for a lone surrogate
    return value


def _time(value: Any) -> datetime:
    time = parse_datetime(value)
    if time is None or time.tzinfo is None:
        raise ValueError("not a time with its zone")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("not a time that a database holds") from None
