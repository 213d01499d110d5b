"""Quotes: what they are, and reading them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated

import strawberry

from gateway.batches import Batch
from gateway.context import Info, RequestContext
from gateway.error_codes import ErrorCode
from gateway.errors import Refusal, query_error
from gateway.schema.accounts import User, users
from gateway.schema.counts import counted, counts_with_own_writes, shown
from gateway.schema.federation import ENTITY
from gateway.schema.ids import Node, global_id, number_of
from gateway.schema.likers import UserConnection, liked_by_caller, likers, user_connection
from gateway.schema.pagination import (
    TOTAL_DESCRIPTION,
    After,
    Before,
    First,
    Last,
    PageInfo,
    page_arguments,
)
from gateway.upstream.services import QUOTES
from gateway.upstream.shapes import CountedQuoteShape, QuoteShape, QuotesShape


@strawberry.type(description="Something worth repeating that somebody said.", directives=ENTITY)
class Quote(Node):
    """A quote, with what the other service knows of it."""

    number: strawberry.Private[int]
    created_by_number: strawberry.Private[int | None]
    title: str = strawberry.field(description="The quote's text.")
    author: str | None = strawberry.field(description="Who said it; null if nobody knows.")
    likes: int = strawberry.field(description="How many users like it.")
    version: int = strawberry.field(
        description="Which of its texts this is: one more after each change. A like is none."
    )
    created_at: datetime = strawberry.field(description="When it was written here.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")

    def __init__(self, shape: QuoteShape) -> None:
        """Take the quote as Quotes has it."""
        self.number = shape.id
        self.created_by_number = shape.created_by
        self.id = global_id("Quote", shape.id)
        self.title = shape.title
        self.author = shape.author or None
        self.likes = shown(shape.likes)
        self.version = shape.version
        self.created_at = shape.created_at
        self.updated_at = shape.updated_at

    @strawberry.field(
        description="The same quote: a place for directives of clients, such as Relay's "
        "`@prependNode` in the answer of `createQuote`, where a refusal has none."
    )
    def quote(self) -> "Quote":
        return self

    @strawberry.field(
        description="Whether the caller likes it; null without a token, or if Likes is down."
    )
    def liked_by_me(self, info: Info) -> bool | None:
        return liked_by_caller(info.context).get(self.number)

    @strawberry.field(
        description="Whether the caller may change it: its writer and staff may; null if nobody "
        "can tell whose the token is."
    )
    def viewer_can_update(self, info: Info) -> bool | None:
        return self._is_callers(info.context)

    @strawberry.field(
        description="Whether the caller may delete it: its writer and staff may; null if nobody "
        "can tell whose the token is."
    )
    def viewer_can_delete(self, info: Info) -> bool | None:
        return self._is_callers(info.context)

    def _is_callers(self, context: RequestContext) -> bool:
        """Return what Quotes will say to a change: its `domain.py` has the rule."""
        caller = context.caller
        return caller is not None and (caller.staff or caller.user_id == self.created_by_number)

    @strawberry.field(description="Who likes it, the newest like first; null if a service is down.")
    def liked_by(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> UserConnection | None:
        arguments = page_arguments(first, after, last, before)
        page = likers(info.context, arguments).get(self.number)
        return None if page is None else user_connection(info.context, self.number, page)

    @strawberry.field(
        description="Who wrote it here; null if their account is gone, or Quotes is down."
    )
    def created_by(self, info: Info) -> User | None:
        if self.created_by_number is None:
            return None
        return users(info.context).get(self.created_by_number)


@strawberry.type(description="One quote of a page.")
class QuoteEdge:
    """A quote and its place in the list."""

    cursor: str = strawberry.field(
        description="Opaque; for `after` and `before` of the same list in the same order."
    )
    node: Quote = strawberry.field(description="The quote.")

    def __init__(self, cursor: str, node: Quote) -> None:
        """Take the quote and its place in the list."""
        self.cursor = cursor
        self.node = node


@strawberry.type(description="A page of quotes.")
class QuoteConnection:
    """A page of the list of quotes."""

    edges: list[QuoteEdge] = strawberry.field(description="The quotes with their cursors.")
    nodes: list[Quote] = strawberry.field(description="The quotes alone.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")
    count: strawberry.Private[Callable[[], int | None]]

    def __init__(
        self,
        context: RequestContext,
        edges: list[QuoteEdge],
        info: PageInfo,
        count: Callable[[], int | None],
    ) -> None:
        """Take a page, and what finds out how many there are in all."""
        self.edges, self.page_info, self.count = edges, info, count
        self.nodes = [edge.node for edge in edges]
        expect_quotes(context, self.nodes)

    @strawberry.field(description=TOTAL_DESCRIPTION)
    def total_count(self) -> int | None:
        return self.count()


def count_own_writes(context: RequestContext, quotes: list[Quote]) -> None:
    """Have the quotes' likes count what the client says that it has written."""
    counts = counts_with_own_writes(context, [quote.number for quote in quotes])
    for quote in quotes:
        if quote.number in counts:
            quote.likes = counts[quote.number]


def expect_quotes(context: RequestContext, quotes: list[Quote]) -> None:
    """Have the batches expect what this page's rows may ask, so that each is asked once."""
    context.quotes_seen.see(quote.number for quote in quotes)
    users(context).expect(
        quote.created_by_number for quote in quotes if quote.created_by_number is not None
    )


def quotes(context: RequestContext) -> Batch[int, Quote]:
    """Return this request's quotes by their id."""
    return context.batch(_fetch_quotes)


def _fetch_quotes(context: RequestContext, ids: list[int]) -> Mapping[int, Quote]:
    params = {"id": ",".join(map(str, ids)), "limit": len(ids)}
    decoded = context.read(QUOTES, "/quotes", QuotesShape, params)
    found = {item.id: Quote(item) for item in decoded.items}
    count_own_writes(context, list(found.values()))
    expect_quotes(context, list(found.values()))
    return found


@strawberry.type
class QuoteQuery:
    """What can be asked about quotes."""

    @strawberry.field(description="One quote; null if there is none of that `id`.")
    def quote(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which quote.")],
    ) -> Quote | None:
        number = number_of(id, "Quote", argument="id")
        if number is None:
            return None
        try:
            decoded = info.context.services.get(QUOTES, f"/quotes/{number}", QuoteShape)
        except Refusal as refusal:
            if refusal.code is ErrorCode.NOT_FOUND:
                return None
            raise query_error(QUOTES, refusal) from refusal
        return quote_of(info.context, decoded)


def quote_of(context: RequestContext, decoded: QuoteShape) -> Quote:
    """Return the quote that Quotes has told, alone in its decoded."""
    quote = Quote(decoded)
    if isinstance(decoded, CountedQuoteShape):
        quote.likes = counted(context, decoded)
    else:
        count_own_writes(context, [quote])
    expect_quotes(context, [quote])
    return quote
