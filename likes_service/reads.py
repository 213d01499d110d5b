"""What is read of likes and of the replica: plain mappings, ready to be written as JSON."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Max

from identity.models import Account
from likes_service.models import Like, Quote, WithdrawnLike
from rest.groups import Groups
from rest.paging import Order, read_page
from rest.timestamps import timestamp

LIKES = Order("likes", ("-id",))
QUOTES = Order("quotes", ("-id",))
LIKE_FIELDS = ("id", "quote_id", "user_id", "created_at")
QUOTE_FIELDS = ("id", "title", "author", "version", "created_by", "updated_at")
_likes = Like.objects.values(*LIKE_FIELDS)


def likes_page(
    *,
    quote_ids: Sequence[int] | None = None,
    user_id: int | None = None,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    backwards: bool = False,
) -> dict[str, Any]:
    """Read a page of likes, newest first, of some quotes or a user if given."""
    place: dict[str, Any] = {
        "limit": limit,
        "after": after,
        "before": before,
        "backwards": backwards,
    }
    if quote_ids is not None:
        page = of_quotes(quote_ids, user_id).merged_page(**place)
    elif user_id is not None:
        page = of_users([user_id]).merged_page(**place)
    else:
        page = read_page(_likes, LIKES, **place)
    return {"items": [_like(row) for row in page.rows], "page_info": page.info()}


def likes_of_each(groups: Groups, **page_arguments: Any) -> dict[str, Any]:
    """Read up to `limit` likes of each quote or user at once, newest first, and which have more."""
    page = groups.page_of_each(**page_arguments)
    items = [_like(row) for row in page.rows]
    return {"items": items, "more": page.more, "skipped": page.skipped}


def of_quotes(quote_ids: Sequence[int], user_id: int | None = None) -> Groups:
    """Return the likes of each of some quotes, perhaps of one user."""
    likes = _likes if user_id is None else _likes.filter(user_id=user_id)
    return Groups(likes, LIKES, "quote_id", quote_ids)


def of_users(user_ids: Sequence[int]) -> Groups:
    """Return the likes of each of some users."""
    return Groups(_likes, LIKES, "user_id", user_ids)


def quotes_page(**page_arguments: Any) -> dict[str, Any]:
    """Read a page of the replica, newest first; the arguments are those of `read_page`."""
    rows = Quote.objects.filter(deleted=False).values(*QUOTE_FIELDS)
    page = read_page(rows, QUOTES, **page_arguments)
    items = [{**_quote(row), "cursor": QUOTES.cursor(row)} for row in page.rows]
    return {"items": items, "page_info": page.info()}


def quote(quote_id: int) -> dict[str, Any] | None:
    """Read a quote of the replica, unless it is deleted or not known."""
    row = Quote.objects.filter(id=quote_id, deleted=False).values(*QUOTE_FIELDS).first()
    return None if row is None else _quote(row)


def known_numbers() -> dict[str, int]:
    """Read the greatest numbers of Quotes that are known here. It looks at all rows."""
    quotes = Quote.objects.aggregate(Max("id"), Max("version"), Max("created_by"))
    accounts = Account.objects.aggregate(Max("id"), Max("version"))
    users = [rows.objects.aggregate(user=Max("user_id"))["user"] for rows in (Like, WithdrawnLike)]
    users += [quotes["created_by__max"], accounts["id__max"]]
    return {
        "quote_id": quotes["id__max"] or 0,
        "user_id": max(user or 0 for user in users),
        "version": max(quotes["version__max"] or 0, accounts["version__max"] or 0),
    }


def _like(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "quote_id": row["quote_id"],
        "user_id": row["user_id"],
        "created_at": timestamp(row["created_at"]),
        "cursor": LIKES.cursor(row),
    }


def _quote(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "title": row["title"],
        "author": row["author"] or None,
        "version": row["version"],
        "created_by": row["created_by"],
        "updated_at": timestamp(row["updated_at"]),
    }
