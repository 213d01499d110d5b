"""What is read of likes and of the replica: plain mappings, ready to be written as JSON."""

import operator
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias

from django.db.models import Max

from database.statements import Bound, GroupsStatement
from identity.models import Account
from likes_service.models import Like, Quote, WithdrawnLike
from rest.paging import Order, Page, read_page
from rest.responses import timestamp

LIKES = Order("likes", ("-id",))
QUOTES = Order("quotes", ("-id",))
LIKE_FIELDS = ("id", "quote_id", "user_id", "created_at")
QUOTE_FIELDS = ("id", "title", "author", "version", "created_by", "updated_at")
_likes = Like.objects.values(*LIKE_FIELDS)
# A statement that reads likes by group, and which of the groups are asked for.
_Groups: TypeAlias = tuple[GroupsStatement, Sequence[int]]
_SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


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
    if quote_ids is not None or user_id is not None:
        page = _page_of(_groups(quote_ids, user_id), _Part.of(limit, after, before, backwards))
    else:
        page = read_page(
            _likes, LIKES, limit=limit, after=after, before=before, backwards=backwards
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
    part, groups = _Part.of(limit, after, before, backwards), _groups(quote_ids, user_id)
    items, more, seen = [], [], Counter[int]()
    for row in _first_of_each(groups, part):
        seen[row["quote_id"]] += 1
        if seen[row["quote_id"]] <= limit:
            items.append(_like(row))
        elif seen[row["quote_id"]] == limit + 1:
            more.append(row["quote_id"])
    if backwards:
        items.reverse()
    start = part.later if backwards else part.earlier
    return {"items": items, "more": sorted(more), "skipped": _beyond(groups, start)}


@dataclass(frozen=True)
class _Part:
    """Which part of a list is asked for, and where those are that come before and after it."""

    limit: int
    backwards: bool
    bounds: Sequence[Bound]
    earlier: Bound | None
    later: Bound | None

    @classmethod
    def of(cls, limit: int, after: str | None, before: str | None, backwards: bool) -> "_Part":
        """Read the cursors. Raises `InvalidCursor`."""
        bounds, earlier, later = [], None, None
        if after is not None:
            keys = LIKES.keys(after)
            bounds.append(LIKES.beyond(keys, later=True))
            earlier = LIKES.beyond(keys, later=False, inclusive=True)
        if before is not None:
            keys = LIKES.keys(before)
            bounds.append(LIKES.beyond(keys, later=False))
            later = LIKES.beyond(keys, later=True, inclusive=True)
        return cls(limit, backwards, bounds, earlier, later)


def _groups(quote_ids: Sequence[int] | None, user_id: int | None) -> _Groups:
    """Return the likes of each of some quotes, perhaps of one user, or of the user alone."""
    if quote_ids is None:
        return GroupsStatement(_likes, group="user_id", order="id"), [user_id or 0]
    likes = _likes if user_id is None else _likes.filter(user_id=user_id)
    return GroupsStatement(likes, group="quote_id", order="id"), quote_ids


def _page_of(groups: _Groups, part: _Part) -> Page[dict[str, Any]]:
    rows = _first_of_each(groups, part)
    more = len(rows) > part.limit
    rows = rows[: part.limit]
    if part.backwards:
        rows.reverse()
    earlier, later = bool(_beyond(groups, part.earlier)), bool(_beyond(groups, part.later))
    return Page(
        rows,
        LIKES,
        has_next=later if part.backwards else more or later,
        has_previous=more or earlier if part.backwards else earlier,
    )


def _first_of_each(groups: _Groups, part: _Part) -> list[dict[str, Any]]:
    """Read the first likes of each and one more, newest first, or backwards oldest first."""
    statement, keys = groups
    rows = statement.read(keys, part.bounds, descending=not part.backwards, limit=part.limit + 1)
    return sorted(rows, key=itemgetter("id"), reverse=not part.backwards)


def _beyond(groups: _Groups, bound: Bound | None) -> list[int]:
    """Read which quotes have likes within that bound: looks at the outermost of each group."""
    if bound is None:
        return []
    newest = bound.sign.startswith(">")
    outermost = _Part(0, not newest, bounds=[], earlier=None, later=None)
    rows = _first_of_each(groups, outermost)
    return sorted(row["quote_id"] for row in rows if _is_within(row["id"], bound))


def _is_within(key: int, bound: Bound) -> bool:
    return _SIGNS[bound.sign](key, bound.keys[0])


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
