"""The counts of likes: changed by events, each handled once, and set anew by a published count.

Set-based, and with rows in id order, so that two batches can't wait for each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from database.rows import rows_as_table
from messaging.outbox import publish_selected
from quotes_service.events import QuoteCounted
from quotes_service.models import Quote

_TABLE = Quote._meta.db_table
_ROWS_A_STATEMENT = 1000  # up to four parameters each; SQLite takes 32,766


class LikeChange(NamedTuple):
    """A like (+1) or unlike (-1), and the sequence of its event at Likes."""

    quote_id: int
    sequence: int
    change: int


class LikeCount(NamedTuple):
    """A count that Likes published: the changes of a smaller sequence are in it."""

    quote_id: int
    sequence: int
    likes: int


def count_likes(changes: Iterable[LikeChange], counts: Iterable[LikeCount] = ()) -> None:
    """Apply changes and counts, in whatever order they come. Quotes that are gone are passed over.

    A change that is in a count already, of this batch or an earlier one, is ignored. So is a
    count that comes after a change it doesn't have, or after a newer count.
    """
    of_quote: dict[int, list[LikeChange]] = defaultdict(list)
    for change in changes:
        of_quote[change.quote_id].append(change)
    latest: dict[int, LikeCount] = {}
    for count in sorted(counts, key=lambda count: count.sequence):
        latest[count.quote_id] = count
    quote_ids = sorted(of_quote.keys() | latest.keys())
    with transaction.atomic(savepoint=False):
        for start in range(0, len(quote_ids), _ROWS_A_STATEMENT):
            _count(quote_ids[start : start + _ROWS_A_STATEMENT], of_quote, latest)


def _count(
    quote_ids: Sequence[int],
    of_quote: dict[int, list[LikeChange]],
    latest: dict[int, LikeCount],
) -> None:
    added: list[tuple[int, ...]] = []
    replaced: list[tuple[int, ...]] = []
    for quote_id, reached, counted in _locked(quote_ids):
        count = latest.get(quote_id)
        fits = count is not None and count.sequence > max(reached, counted)
        since = count.sequence if count is not None and fits else counted
        changes = [change for change in of_quote.get(quote_id, ()) if change.sequence >= since]
        total = sum(change.change for change in changes)
        reaches = max([reached, *(change.sequence for change in changes)])
        if count is not None and fits:
            replaced.append((quote_id, count.likes + total, reaches, since))
        elif changes:
            added.append((quote_id, total, reaches))
    if added:
        change = f"likes = {_TABLE}.likes + given.column2, likes_sequence = given.column3"
        _update(change, added)
    if replaced:
        _update(
            "likes = given.column2, likes_sequence = given.column3,"
            " likes_counted_sequence = given.column4",
            replaced,
        )
    if changed := [quote_id for quote_id, *_ in (*added, *replaced)]:
        _publish_counts(changed)


def _locked(quote_ids: Sequence[int]) -> list[tuple[int, int, int]]:
    """Lock the rows in id order, and return each one's id and sequences."""
    lock = " FOR NO KEY UPDATE" if connection.features.has_select_for_no_key_update else ""
    given, parameters = rows_as_table([(quote_id,) for quote_id in quote_ids], ["bigint"])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, likes_sequence, likes_counted_sequence FROM {_TABLE}"  # noqa: S608
            f" WHERE id IN (SELECT column1 FROM {given}) ORDER BY id{lock}",
            parameters,
        )
        return cursor.fetchall()


def _update(changes: str, rows: Sequence[tuple[int, ...]]) -> None:
    given, parameters = rows_as_table(rows, ["bigint"] * len(rows[0]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_TABLE} SET {changes} FROM {given}"  # noqa: S608 - no input
            f" WHERE {_TABLE}.id = given.column1",
            parameters,
        )


def _publish_counts(quote_ids: Sequence[int]) -> None:
    given, parameters = rows_as_table([(quote_id,) for quote_id in quote_ids], ["bigint"])
    publish_selected(
        QuoteCounted,
        "SELECT id, CASE WHEN likes > 0 THEN likes ELSE 0 END AS likes,"  # noqa: S608 - no input
        " CASE WHEN likes_sequence > likes_counted_sequence THEN likes_sequence"
        " ELSE likes_counted_sequence END AS sequence"
        f" FROM {_TABLE} WHERE id IN (SELECT column1 FROM {given})",
        "'quotes/' || id || '/likes'",
        parameters,
    )
