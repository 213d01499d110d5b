"""Withdraws the likes of deleted accounts, a bounded number at a time.

The end of an account and the row that says that its likes are left to do are one transaction, and
so is each batch of likes with its events: whatever dies, the rest is done later, and nothing twice.
"""

from collections.abc import Collection, Iterable, Sequence

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef

from identity.accounts import AccountState, apply_account_states
from identity.models import Account
from likes_service import quote_locks
from likes_service.events import LikeDeleted
from likes_service.models import Like, Withdrawal
from messaging import faults
from messaging.outbox import publish

# Some fifty milliseconds, for which messages wait, and as many locks of PostgreSQL's.
LIKES_AT_ONCE = 100

log = structlog.get_logger(__name__)


def follow_accounts(states: Iterable[AccountState]) -> None:
    """Bring the replica of accounts up to these states, and have likes of the deleted withdrawn."""
    given = list(states)
    if not given:
        return
    deleted = sorted({state.id for state in given if state.deleted})
    with transaction.atomic():
        # Every like under way ends before, and is found by `withdraw`; later ones are refused.
        quote_locks.take_accounts(deleted)
        apply_account_states(given)
        _leave_to_do({state.id for state in given})


def _leave_to_do(user_ids: Collection[int]) -> None:
    """Have the likes of those that are deleted now withdrawn, and of the others no more.

    A backup of Quotes may bring a deleted account back. And after its restore thousands of ids are
    named whose accounts are lost, if they ever were: there is nothing to do for them.
    """
    likes = Like.objects.filter(user_id=OuterRef("id"))
    gone = Account.objects.filter(Exists(likes), id__in=user_ids, deleted=True)
    Withdrawal.objects.filter(user_id__in=user_ids).delete()
    Withdrawal.objects.bulk_create(
        Withdrawal(user_id=user_id) for user_id in gone.order_by("id").values_list("id", flat=True)
    )


def withdraw() -> bool:
    """Withdraw some likes of one deleted account. Return whether there is more to do."""
    if not Withdrawal.objects.exists():  # nearly always, and without a transaction
        return False
    with transaction.atomic():
        rows = Withdrawal.objects.select_for_update(skip_locked=True).order_by("id")
        withdrawal = rows.first()
        if withdrawal is None:  # another process is at it
            return False
        likes = Like.objects.filter(user_id=withdrawal.user_id).order_by("-id")
        some = list(likes.values_list("id", "quote_id")[:LIKES_AT_ONCE])
        if some:
            count = _withdraw(*zip(*some, strict=True))
            log.info("likes_withdrawn", user_id=withdrawal.user_id, count=count)
        else:
            withdrawal.delete()
        faults.reach("after_withdrawing")
    return True


def _withdraw(like_ids: Sequence[int], quote_ids: Sequence[int]) -> int:
    """Delete likes and publish that. Those that their user takes back meanwhile are passed over."""
    quote_locks.share_quotes(quote_ids)
    likes = list(Like.objects.select_for_update().filter(id__in=like_ids).order_by("quote_id"))
    Like.objects.filter(id__in=[like.pk for like in likes]).delete()
    for like in likes:
        publish(LikeDeleted.of(like))
    return len(likes)
