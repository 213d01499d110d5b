"""Who likes a quote: the fields of `Quote` that come from the Likes service."""

from collections.abc import Mapping

import strawberry

from gateway.batches import MAX_KEYS, Batch
from gateway.context import RequestContext
from gateway.schema.accounts import User, users
from gateway.schema.pagination import PageArguments, PageInfo
from gateway.upstream.services import LIKES
from gateway.upstream.shapes import LikesShape


@strawberry.type(description="One user of a page.")
class UserEdge:
    """A user and their place in the list."""

    cursor: str = strawberry.field(description="Opaque; for `after` of the same list.")
    node: User = strawberry.field(description="The user.")


@strawberry.type(description="A page of users.")
class UserConnection:
    """A page of the users who like a quote."""

    edges: list[UserEdge] = strawberry.field(description="The users with their cursors.")
    nodes: list[User] = strawberry.field(description="The users alone.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")


class LikersPage:
    """A page of who likes one quote, newest first, before the users are known by name."""

    def __init__(self) -> None:
        self.likes: list[tuple[int, str]] = []  # user id and cursor
        self.has_more = False
        self.has_previous = False


def liked_by_caller(context: RequestContext) -> Batch[int, bool]:
    """Return, by quote id, whether the caller likes it; nothing if nobody in particular asks."""
    return context.quote_batch(_fetch_liked)


def _fetch_liked(context: RequestContext, quote_ids: list[int]) -> Mapping[int, bool]:
    if context.caller is None:
        return {}
    params = {"user": context.caller.user_id, "quote": _joined(quote_ids), "limit": MAX_KEYS}
    decoded = context.read(LIKES, "/likes", LikesShape, params)
    liked = {like.quote_id for like in decoded.items}
    return {quote_id: quote_id in liked for quote_id in quote_ids}


def likers(context: RequestContext, page: PageArguments) -> Batch[int, LikersPage]:
    """Return, by quote id, the page of those who like it."""
    return context.quote_batch(_fetch_likers, page)


def _fetch_likers(
    context: RequestContext, quote_ids: list[int], page: PageArguments
) -> Mapping[int, LikersPage]:
    params = {"quote": _joined(quote_ids), "per_quote": page.limit, "after": page.after}
    decoded = context.read(LIKES, "/likes", LikesShape, params)
    pages = _pages(decoded, quote_ids)
    users(context).expect(user for each in pages.values() for user, _ in each.likes)
    return pages


def user_connection(context: RequestContext, page: LikersPage) -> UserConnection:
    """Return a page with its users; those whose account is gone are left out."""
    known = users(context)
    edges = [
        UserEdge(cursor=cursor, node=user)
        for user_id, cursor in page.likes
        if (user := known.get(user_id)) is not None
    ]
    info = PageInfo(
        has_next_page=page.has_more,
        has_previous_page=page.has_previous,
        start_cursor=page.likes[0][1] if page.likes else None,
        end_cursor=page.likes[-1][1] if page.likes else None,
    )
    return UserConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=info)


def _pages(decoded: LikesShape, quote_ids: list[int]) -> dict[int, LikersPage]:
    pages = {quote_id: LikersPage() for quote_id in quote_ids}
    for like in decoded.items:
        if like.quote_id in pages:
            pages[like.quote_id].likes.append((like.user_id, like.cursor))
    for quote_id in decoded.more:
        if quote_id in pages:
            pages[quote_id].has_more = True
    for quote_id in decoded.skipped:
        if quote_id in pages:
            pages[quote_id].has_previous = True
    return pages


def _joined(ids: list[int]) -> str:
    return ",".join(map(str, ids))
