"""Who may change the likes of a quote at the same time: all likers, or one deletion or count.

Advisory locks, because PostgreSQL lets waiters for them pass in turn. A row's exclusive lock
(`FOR UPDATE`) is overtaken by every new shared one (`FOR KEY SHARE`), so that on a quote that is
liked without a pause a deletion would wait for ever.

SQLite has one writer at a time, and needs none of this.
"""

from collections.abc import Collection

from django.db import connection

_QUOTES = 1  # the first of an advisory lock's two numbers: what the second one is of
_LARGEST = 2**31  # of the second: two quotes that have one in common wait in vain, no more


def share(quote_id: int) -> None:
    """Keep the quote from being deleted or counted until the commit. Likers don't wait for one
    another, and what is read after this is up to date.
    """
    _lock("pg_advisory_xact_lock_shared", [quote_id])


def take(quote_ids: Collection[int]) -> None:
    """Wait until no like of these quotes is under way, and let none begin until the commit."""
    _lock("pg_advisory_xact_lock", quote_ids)


def _lock(function: str, quote_ids: Collection[int]) -> None:
    if connection.vendor != "postgresql" or not quote_ids:
        return
    numbers = sorted({quote_id % _LARGEST for quote_id in quote_ids})  # nobody waits in a circle
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}(%s, number) FROM unnest(%s::int[]) AS number",  # noqa: S608
            [_QUOTES, numbers],
        )
