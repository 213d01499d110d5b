"""Who likes a quote: the fields of `Quote` that come from the Likes service."""

from collections.abc import Mapping

import strawberry

from gateway.batches import MAX_KEYS, Batch
from gateway.context import Info, RequestContext
from gateway.schema.accounts import User, users
from gateway.schema.pagination import (
    TOTAL_DESCRIPTION,
    PageArguments,
    PageInfo,
    PageOfOne,
    pages_by_list,
)
from gateway.upstream.services import LIKES
from gateway.upstream.shapes import LikeShape, LikesShape, TotalsShape


@strawberry.type(description="One user of a page.")
class UserEdge:
    """A user and their place in the list."""

    cursor: str = strawberry.field(description="Opaque; for `after` and `before` of the same list.")
    node: User = strawberry.field(description="The user.")


@strawberry.type(description="A page of users.")
class UserConnection:
    """A page of the users who like a quote."""

    quote: strawberry.Private[int]
    edges: list[UserEdge] = strawberry.field(description="The users with their cursors.")
    nodes: list[User] = strawberry.field(description="The users alone.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")

    @strawberry.field(description=TOTAL_DESCRIPTION)
    def total_count(self, info: Info) -> int | None:
        return info.context.quote_batch(_fetch_totals).get(self.quote)


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


def likers(context: RequestContext, page: PageArguments) -> Batch[int, PageOfOne[LikeShape]]:
    """Return, by quote id, the page of those who like it."""
    return context.quote_batch(_fetch_likers, page)


def _fetch_likers(
    context: RequestContext, quote_ids: list[int], page: PageArguments
) -> Mapping[int, PageOfOne[LikeShape]]:
    params = {"quote": _joined(quote_ids), **page.as_params("per_quote")}
    decoded = context.read(LIKES, "/likes", LikesShape, params)
    users(context).expect(like.user_id for like in decoded.items)
    return pages_by_list(
        quote_ids,
        ((like.quote_id, like) for like in decoded.items),
        decoded.more,
        decoded.skipped,
        backwards=page.backwards,
    )


def _fetch_totals(context: RequestContext, quote_ids: list[int]) -> Mapping[int, int | None]:
    params = {"quote": _joined(quote_ids)}
    decoded = context.read(LIKES, "/likes/totals", TotalsShape, params)
    return {each.id: each.total for each in decoded.items}


def user_connection(
    context: RequestContext, quote_id: int, page: PageOfOne[LikeShape]
) -> UserConnection:
    """Return a page with its users; those whose account is gone are left out."""
    known = users(context)
    edges = [
        UserEdge(cursor=like.cursor, node=user)
        for like in page.rows
        if (user := known.get(like.user_id)) is not None
    ]
    nodes = [edge.node for edge in edges]
    return UserConnection(quote=quote_id, edges=edges, nodes=nodes, page_info=page.info())


def _joined(ids: list[int]) -> str:
    return ",".join(map(str, ids))
