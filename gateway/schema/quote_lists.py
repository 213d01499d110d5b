"""The lists of quotes: all of them, with filters; those of a user, and those that a user likes.

Who likes what is known to Likes alone: the list of what a user likes is in the order of the likes,
and its quotes are then read by their ids. No other filter or order goes with it.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from gateway.context import Info, RequestContext
from gateway.errors import BadUserInput
from gateway.schema.ids import number_of
from gateway.schema.pagination import (
    After,
    Before,
    First,
    Last,
    PageArguments,
    PageOfOne,
    page_arguments,
    page_info,
    pages_by_list,
)
from gateway.schema.quote_order import OrderBy, QuoteOrder
from gateway.schema.quotes import (
    Quote,
    QuoteConnection,
    QuoteEdge,
    count_own_writes,
    quotes,
)
from gateway.upstream.services import LIKES, QUOTES
from gateway.upstream.shapes import (
    LikeShape,
    LikesShape,
    ListedQuoteShape,
    QuotesOfEachShape,
    QuotesShape,
    TotalShape,
    TotalsShape,
)
from web.texts import normal_form

MAX_SEARCH = 200  # characters; what Quotes takes
MAX_AUTHOR = 100  # characters; so too
_NOBODY = 2**63 - 1  # stands for an id that nobody can have


@strawberry.input(description="Which quotes: those of which all holds that is given.")
class QuoteFilter:
    """The filter of `quotes`."""

    author: str | None = strawberry.field(
        default=None, description="Who said them: the whole name, as the quotes have it."
    )
    created_by: strawberry.ID | None = strawberry.field(
        default=None, description="Which user wrote them here."
    )
    liked_by: strawberry.ID | None = strawberry.field(
        default=None,
        description="Which user likes them: in the order of the likes, the newest first. Not "
        "together with anything else, be it `search` or another order than `NEWEST`.",
    )
    created_after: datetime | None = strawberry.field(
        default=None,
        description="They were written at that time or later. Together with `MOST_LIKED` only if "
        "`author` or `createdBy` is given, too.",
    )
    created_before: datetime | None = strawberry.field(
        default=None, description="They were written before that time. As for `createdAfter`."
    )


@strawberry.type
class QuoteListQuery:
    """The list of all quotes."""

    @strawberry.field(description="All quotes, page by page; null if Quotes is down.")
    def quotes(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="Only quotes that hold each of these words in their text or author, in "
                "any order, as whole words or parts of them; case and accents count for nothing. "
                "A page may then have fewer than asked, even none, though `hasNextPage` is true: "
                "one request looks only so far, and the next one goes on after `endCursor`."
            ),
        ] = strawberry.UNSET,
        filter: Annotated[
            QuoteFilter | None,
            strawberry.argument(
                description="Only quotes that pass. A page of several filters, or of one with "
                "`search`, may hold less than was asked for and still have a next one: Quotes "
                "looks at 2,000 of the quotes that the first of them finds."
            ),
        ] = strawberry.UNSET,
        order_by: OrderBy = QuoteOrder.NEWEST,
    ) -> QuoteConnection | None:
        arguments = page_arguments(first, after, last, before)
        order = order_by or QuoteOrder.NEWEST
        if search and len(normal_form(search)) > MAX_SEARCH:
            raise BadUserInput(
                f"'search' must have at most {MAX_SEARCH} characters.", argument="search"
            )
        if filter and filter.liked_by is not None:
            user = number_of(filter.liked_by, "User", argument="likedBy")
            _check_alone(filter, search, order)
            return liked_quotes_of(info.context, user or _NOBODY, arguments)
        chosen = {"search": search or None, **_params(filter or None, order)}
        params = {**arguments.as_params(), **chosen, "order": order.value}
        decoded = info.context.read(QUOTES, "/quotes", QuotesShape, params)
        edges = [QuoteEdge(item.cursor, Quote(item)) for item in decoded.items]
        count_own_writes(info.context, [edge.node for edge in edges])
        count = partial(_count, info.context, chosen)
        return QuoteConnection(info.context, edges, page_info(decoded.page_info), count)


def quotes_of(
    context: RequestContext, user: int, arguments: PageArguments, order: QuoteOrder
) -> QuoteConnection:
    """Return a page of the quotes that a user has written."""
    batch = context.user_batch(_fetch_written, arguments, order)
    page = batch.get(user) or PageOfOne[ListedQuoteShape]()
    edges = [QuoteEdge(item.cursor, Quote(item)) for item in page.rows]
    count_own_writes(context, [edge.node for edge in edges])
    count = partial(context.user_batch(_fetch_written_totals).get, user)
    return QuoteConnection(context, edges, page.info(), count)


def liked_quotes_of(
    context: RequestContext, user: int, arguments: PageArguments
) -> QuoteConnection:
    """Return a page of the quotes that a user likes; those that are gone are left out."""
    page = context.user_batch(_fetch_liked, arguments).get(user) or PageOfOne[LikeShape]()
    known = quotes(context)
    edges = [
        QuoteEdge(like.cursor, quote)
        for like in page.rows
        if (quote := known.get(like.quote_id)) is not None
    ]
    count = partial(context.user_batch(_fetch_liked_totals).get, user)
    return QuoteConnection(context, edges, page.info(), count)


def _params(filter: QuoteFilter | None, order: QuoteOrder) -> dict[str, object]:
    """Return a filter as Quotes takes it. Raise BadUserInput for what it can't be."""
    if filter is None:
        return {}
    author, creator = filter.author, None
    if author is not None and not 1 <= len(author.strip()) <= MAX_AUTHOR:
        raise BadUserInput(f"'author' must have 1 to {MAX_AUTHOR} characters.", argument="filter")
    if filter.created_by is not None:
        creator = number_of(filter.created_by, "User", argument="createdBy") or _NOBODY
    times = {"created_after": filter.created_after, "created_before": filter.created_before}
    if order is QuoteOrder.MOST_LIKED and any(times.values()) and author is creator is None:
        raise BadUserInput(
            "'createdAfter' and 'createdBefore' go with MOST_LIKED only if 'author' or 'createdBy'"
            " is given, too.",
            argument="filter",
        )
    return {
        "author": author,
        "created_by": creator,
        **{name: time and time.isoformat() for name, time in times.items()},
    }


def _check_alone(filter: QuoteFilter, search: str | None, order: QuoteOrder) -> None:
    others = (filter.author, filter.created_by, filter.created_after, filter.created_before)
    if search or order is not QuoteOrder.NEWEST or any(each is not None for each in others):
        raise BadUserInput(
            "'likedBy' goes with no other filter, no search and no other order: Likes knows who"
            " likes what, and nothing else of the quotes.",
            argument="filter",
        )


def _count(context: RequestContext, chosen: Mapping[str, object]) -> int | None:
    return context.read(QUOTES, "/quotes/total", TotalShape, chosen).total


def _fetch_written(
    context: RequestContext, users: list[int], page: PageArguments, order: QuoteOrder
) -> Mapping[int, PageOfOne[ListedQuoteShape]]:
    params = {
        "creators": _joined(users),
        "order": order.value,
        **page.as_params("per_creator"),
    }
    decoded = context.read(QUOTES, "/quotes", QuotesOfEachShape, params)
    rows = ((item.created_by, item) for item in decoded.items)
    return pages_by_list(users, rows, decoded.more, decoded.skipped, backwards=page.backwards)


def _fetch_liked(
    context: RequestContext, users: list[int], page: PageArguments
) -> Mapping[int, PageOfOne[LikeShape]]:
    params = {"users": _joined(users), **page.as_params("per_user")}
    decoded = context.read(LIKES, "/likes", LikesShape, params)
    quotes(context).expect(like.quote_id for like in decoded.items)
    rows = ((like.user_id, like) for like in decoded.items)
    return pages_by_list(users, rows, decoded.more, decoded.skipped, backwards=page.backwards)


def _fetch_written_totals(context: RequestContext, users: list[int]) -> Mapping[int, int | None]:
    decoded = context.read(QUOTES, "/quotes/totals", TotalsShape, {"creators": _joined(users)})
    return {each.id: each.total for each in decoded.items}


def _fetch_liked_totals(context: RequestContext, users: list[int]) -> Mapping[int, int | None]:
    decoded = context.read(LIKES, "/likes/totals", TotalsShape, {"users": _joined(users)})
    return {each.id: each.total for each in decoded.items}


def _joined(ids: list[int]) -> str:
    return ",".join(map(str, ids))
