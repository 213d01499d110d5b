"""What is known here of accounts, for Quotes to compare with its own."""

from typing import Any

from identity.models import Account
from likes_service.models import Like
from rest.timestamps import timestamp


def account_states(*, after: int, limit: int) -> list[dict[str, Any]]:
    """Read the accounts of greater ids that are in the replica, or like anything, in id order.

    One that only likes has the version 0: nothing was published of it.
    """
    known = {
        account.id: account
        for account in Account.objects.filter(id__gt=after).order_by("id")[:limit]
    }
    likers = Like.objects.filter(user_id__gt=after).order_by("user_id")
    ids = {*known, *likers.values_list("user_id", flat=True).distinct()[:limit]}
    return [_state(user_id, known.get(user_id)) for user_id in sorted(ids)[:limit]]


def _state(user_id: int, account: Account | None) -> dict[str, Any]:
    if account is None:
        account = Account(id=user_id, version=0, active=True, staff=False, deleted=False)
    return {
        "id": user_id,
        "version": account.version,
        "active": account.active,
        "staff": account.staff,
        "valid_from": timestamp(account.valid_from) if account.valid_from else None,
        "deleted": account.deleted,
    }
