"""What is read of quotes and accounts: plain mappings, ready to be written as JSON."""

from collections.abc import Sequence
from functools import partial
from itertools import compress
from typing import Any, NamedTuple

from database.tables import Table
from messaging.models import InboxEvent
from quotes_service import lists
from quotes_service.lists import (
    ALL,
    BY_ID,
    BY_LIKES,
    QUOTE_FIELDS,
    QuoteFilter,
    filtered_page,
)
from quotes_service.models import Quote, User
from quotes_service.search.pages import search_page
from quotes_service.search.searchable import search_words
from rest.ids import MAX_ID
from rest.paging import Order, Page, read_page
from rest.timestamps import timestamp

# The source of the like events, which `applied_events` looks for in the inbox.
LIKES_SOURCE = "/likes"
ORDERS = {**BY_ID, "most_liked": BY_LIKES}
USER_FIELDS = ("id", "username", "email", "date_joined")
USERS = Order("users", ("id",))


def quote_as_json(quote: Quote) -> dict[str, Any]:
    """Return a quote as the REST contract has it."""
    return _quote({name: getattr(quote, name) for name in QUOTE_FIELDS})


def _quote(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "title": row["title"],
        "author": row["author"] or None,
        "likes": max(0, row["likes"]),
        "version": row["version"],
        "created_by": row["created_by_id"],
        "created_at": timestamp(row["created_at"]),
        "updated_at": timestamp(row["updated_at"]),
    }


def quotes_page(
    filter: QuoteFilter,
    *,
    order: str,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    backwards: bool = False,
) -> dict[str, Any]:
    """Read a page of quotes: all, or those that pass a filter and hold all words of a search."""
    place: dict[str, Any] = {
        "limit": limit,
        "after": after,
        "before": before,
        "backwards": backwards,
    }
    if not filter.is_plain:
        return _list_of_quotes(filtered_page(filter, order=order, **place))
    words = search_words(filter.search)
    read = partial(search_page, words=words) if words else read_page
    return _list_of_quotes(read(ALL, ORDERS[order], **place))


def quotes_of_each(creators: Sequence[int], *, order: str, **place: Any) -> dict[str, Any]:
    """Read a page of the quotes of each of some users at once, and which have more."""
    groups = lists.quotes_of_each(creators, order)
    page = groups.page_of_each(**place)
    items = [{**_quote(row), "cursor": groups.order.cursor(row)} for row in page.rows]
    return {"items": items, "more": page.more, "skipped": page.skipped}


def _list_of_quotes(page: Page[dict[str, Any]]) -> dict[str, Any]:
    items = [{**_quote(row), "cursor": page.order.cursor(row)} for row in page.rows]
    return {"items": items, "page_info": page.info()}


class AskedEvent(NamedTuple):
    """An event of Likes that a count may have in it, and its sequence if that is known."""

    id: str
    sequence: int | None = None


def quotes_by_id(ids: Sequence[int], asked: Sequence[AskedEvent] = ()) -> dict[str, Any]:
    """Read several quotes at once, by id, in the same shape as a page; see `_with_applied`."""
    page = Page(_with_applied(ids, asked), ORDERS["oldest"], has_next=False, has_previous=False)
    listed = _list_of_quotes(page)
    if asked:
        for item, row in zip(listed["items"], page.rows, strict=True):
            item |= _counted(row)
    return listed


def quote_with_applied(quote_id: int, asked: Sequence[AskedEvent] = ()) -> dict[str, Any] | None:
    """Read a quote, and which of these events its count has in it already."""
    for row in _with_applied([quote_id], asked):
        return _quote(row) | (_counted(row) if asked else {})
    return None


def _counted(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a count has in it, and the count to which the other events are to be added.

    That is below 0 where an unlike has come before its like; what is shown is not.
    """
    return {"applied_events": row["applied_events"], "stored_likes": row["likes"]}


def _with_applied(ids: Sequence[int], asked: Sequence[AskedEvent]) -> list[dict[str, Any]]:
    """Read quotes, and of each which of these events its count has in it already.

    It has what was handled, and what came before the last count that Likes has published: that was
    perhaps never handled here, after a backup was restored.

    One SQL statement, so that the count and the events are of the same moment: an event that
    is applied between two statements would be counted twice, or not at all.
    """
    if not ids:
        return []
    table = Table(ALL)
    inbox = table.quoted(InboxEvent._meta.db_table)
    applied = (
        f"(EXISTS (SELECT 1 FROM {inbox} WHERE event_id = %s AND source = %s)"  # noqa: S608
        " OR likes_counted_sequence > %s)"
    )
    selected = ", ".join([*table.columns, *[applied] * len(asked)])
    values = [
        value
        for event in asked
        for value in (event.id, LIKES_SOURCE, MAX_ID if event.sequence is None else event.sequence)
    ]
    those = ", ".join(["%s"] * len(ids))
    found = table.run(
        f"SELECT {selected} FROM {table.name} WHERE id IN ({those}) ORDER BY id",  # noqa: S608
        [*values, *ids],
    )
    rows = table.mappings(found)
    for row, columns in zip(rows, found, strict=True):
        is_applied = columns[len(table.columns) :]
        row["applied_events"] = list(compress([event.id for event in asked], is_applied))
    return rows


def users_page(*, limit: int, after: str | None = None) -> Page[User]:
    """Read a page of accounts, oldest first."""
    page = read_page(User.objects.values(*USER_FIELDS), USERS, limit=limit, after=after)
    users = [User(**row) for row in page.rows]
    return Page(users, USERS, has_next=page.has_next, has_previous=page.has_previous)


def users_by_id(ids: Sequence[int]) -> Page[User]:
    """Read several accounts at once, by id."""
    rows = User.objects.filter(id__in=ids).order_by("id")
    return Page(list(rows), USERS, has_next=False, has_previous=False)


def users_by_name(username: str) -> Page[User]:
    """Read the account of that name, which a login takes in any case and form, if there is one."""
    try:
        rows = [User.objects.get_by_natural_key(username)]
    except User.DoesNotExist:
        rows = []
    return Page(rows, USERS, has_next=False, has_previous=False)
