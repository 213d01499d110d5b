"""Liking and unliking: a write to Likes, and Quotes' count as it will be."""

from typing import Annotated
from uuid import uuid4

import strawberry

from gateway.context import Info
from gateway.schema.likers import liked_by_caller
from gateway.schema.quote_results import QuoteResult
from gateway.schema.quotes import Quote, quote_of
from gateway.schema.refusals import mutation, number_in, require_token
from gateway.upstream.services import LIKES, QUOTES
from gateway.upstream.shapes import (
    ChangedLikeShape,
    CountedQuoteShape,
    QuoteShape,
)


@strawberry.input(description="Which quote to like or unlike.")
class LikeQuoteInput:
    """The input of `likeQuote` and `unlikeQuote`."""

    quote_id: strawberry.ID = strawberry.field(description="Which quote.")


@strawberry.type
class LikeMutation:
    """What can be done with likes."""

    @mutation(
        description="Like a quote, once per user. The `likes` in the answer count this one.",
    )
    def like_quote(
        self,
        info: Info,
        input: Annotated[LikeQuoteInput, strawberry.argument(description="Which quote.")],
    ) -> QuoteResult | None:
        return _change_like(info, input, "POST")

    @mutation(
        description="Take a like back. The `likes` in the answer no longer count it.",
    )
    def unlike_quote(
        self,
        info: Info,
        input: Annotated[LikeQuoteInput, strawberry.argument(description="Which quote.")],
    ) -> QuoteResult | None:
        return _change_like(info, input, "DELETE")


def _change_like(info: Info, input: LikeQuoteInput, method: str) -> Quote:
    require_token(info)
    quote_id = number_in(input.quote_id, "Quote", "quote_id")
    services = info.context.services
    caller = info.context.caller  # raises, should nobody know: before anything is written
    # The key is for Likes to know it by, should it be sent again as its connection broke.
    changed = services.send(
        LIKES,
        method,
        f"/quotes/{quote_id}/like",
        ChangedLikeShape,
        idempotency_key=uuid4().hex,
    )
    writes = info.context.writes
    writes.add(quote_id, {event.id: (event.likes, event.sequence) for event in changed.events})
    asked = [write.asked for write in writes.of([quote_id])]
    # Quotes reads the count and which events it holds in one query, so each event is counted
    # there or here, and never twice.
    counted = services.get(
        QUOTES,
        f"/quotes/{quote_id}",
        CountedQuoteShape if asked else QuoteShape,
        {"after_events": ",".join(asked) or None},
        patient=True,
    )
    quote = quote_of(info.context, counted)
    if caller is not None:
        liked_by_caller(info.context).know(quote_id, method == "POST")
    return quote
