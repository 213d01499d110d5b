"""What is read of likes and of the replica: plain mappings, ready to be written as JSON."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from likes_service.models import Like, Quote
from rest.paging import Order, read_page
from rest.responses import timestamp

LIKES = Order("likes", ("-id",))
QUOTES = Order("quotes", ("-id",))
LIKE_FIELDS = ("id", "quote_id", "user_id", "created_at")
QUOTE_FIELDS = ("id", "title", "author", "version", "created_by", "updated_at")


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
    page = read_page(
        _likes(quote_ids, user_id).values(*LIKE_FIELDS),
        LIKES,
        limit=limit,
        after=after,
        before=before,
        backwards=backwards,
    )
    return {"items": [_like(row) for row in page.rows], "page_info": page.info()}


def likes_per_quote(
    *,
    quote_ids: Sequence[int],
    user_id: int | None = None,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    backwards: bool = False,
) -> dict[str, Any]:
    """Read up to `limit` likes of each quote at once, newest first, and which have more.

    One query, whatever the number of quotes; the cursors bound the likes of each of them. Another
    finds which quotes have likes that the cursor at the start of the page has left out.
    """
    likes = _likes(quote_ids, user_id)
    if after is not None:
        likes = likes.filter(id__lt=LIKES.keys(after)[0])
    if before is not None:
        likes = likes.filter(id__gt=LIKES.keys(before)[0])
    place = Window(
        RowNumber(),
        partition_by=F("quote_id"),
        order_by=F("id").asc() if backwards else F("id").desc(),
    )
    rows = likes.annotate(place=place).filter(place__lte=limit + 1)
    found = list(rows.order_by("-id").values(*LIKE_FIELDS, "place"))
    return {
        "items": [_like(row) for row in found if row["place"] <= limit],
        "more": sorted(row["quote_id"] for row in found if row["place"] > limit),
        "skipped": _skipped(quote_ids, user_id, before if backwards else after, backwards),
    }


def _skipped(
    quote_ids: Sequence[int], user_id: int | None, cursor: str | None, backwards: bool
) -> list[int]:
    """Read which quotes have likes on the other side of the cursor, its own place included.

    Looks at one like of each, the outermost, which the index has at hand.
    """
    if cursor is None:
        return []
    (key,) = LIKES.keys(cursor)
    outermost = Subquery(
        _likes(None, user_id)
        .filter(quote_id=OuterRef("id"))
        .order_by("id" if backwards else "-id")
        .values("id")[:1]
    )
    quotes = Quote.objects.filter(id__in=quote_ids).annotate(outermost=outermost)
    beyond = {"outermost__lte" if backwards else "outermost__gte": key}
    return list(quotes.filter(**beyond).order_by("id").values_list("id", flat=True))


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


def _likes(quote_ids: Sequence[int] | None, user_id: int | None) -> QuerySet[Like]:
    likes = Like.objects.all()
    if quote_ids is not None:
        likes = likes.filter(quote_id__in=quote_ids)
    return likes if user_id is None else likes.filter(user_id=user_id)


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
