"""Who may change the likes of a quote at the same time: all likers, or one deletion or count.

Of an account, too: all its likes, or its end.

Advisory locks, because PostgreSQL lets waiters for them pass in turn. A row's exclusive lock
(`FOR UPDATE`) is overtaken by every new shared one (`FOR KEY SHARE`), so that on a quote that is
liked without a pause a deletion would wait for ever.

Whoever needs locks of both takes those of quotes first, so that nobody waits in a circle. SQLite
has one writer at a time, and needs none of this.
"""

from collections.abc import Collection

from django.db import connection

# The first of an advisory lock's two numbers: what the second one is of.
_QUOTES, _ACCOUNTS = 1, 2
_LARGEST = 2**31  # of the second: two that have one in common wait in vain, no more


def share(quote_id: int, user_id: int) -> None:
    """Keep the quote from being deleted or counted, and the account from ending, until the commit.

    Likers don't wait for one another, and what is read after this is up to date.
    """
    _lock("pg_advisory_xact_lock_shared", [(_QUOTES, quote_id), (_ACCOUNTS, user_id)])


def share_quotes(quote_ids: Collection[int]) -> None:
    """Keep several quotes from being deleted or counted until the commit."""
    _lock("pg_advisory_xact_lock_shared", [(_QUOTES, quote_id) for quote_id in quote_ids])


def take(quote_ids: Collection[int]) -> None:
    """Wait until no like of these quotes is under way, and let none begin until the commit."""
    _lock("pg_advisory_xact_lock", [(_QUOTES, quote_id) for quote_id in quote_ids])


def take_accounts(user_ids: Collection[int]) -> None:
    """Wait until no like by these accounts is under way, and let none begin until the commit."""
    _lock("pg_advisory_xact_lock", [(_ACCOUNTS, user_id) for user_id in user_ids])


def _lock(function: str, locks: Collection[tuple[int, int]]) -> None:
    if connection.vendor != "postgresql" or not locks:
        return
    ordered = sorted({(kind, number % _LARGEST) for kind, number in locks})
    kinds, numbers = map(list, zip(*ordered, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}(kind, number)"  # noqa: S608 - no input
            " FROM unnest(%s::int[], %s::int[]) AS lock (kind, number)",
            [kinds, numbers],
        )
