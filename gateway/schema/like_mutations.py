"""Liking and unliking: a write to Likes, and Quotes' count as it will be."""

from typing import Annotated

import strawberry

from gateway.context import Info
from gateway.schema.ids import parse_id
from gateway.schema.likers import liked_by_caller
from gateway.schema.quotes import Quote, QuoteResult, quote_of
from gateway.schema.refusals import mutation, quote_not_found, require_token
from gateway.upstream.services import LIKES, QUOTES
from gateway.upstream.shapes import ChangedLikeShape, CountedQuoteShape, QuoteShape


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
    quote_id = parse_id(input.quote_id)
    if quote_id is None:
        raise quote_not_found()
    services = info.context.services
    decoded = services.send(LIKES, method, f"/quotes/{quote_id}/like", ChangedLikeShape)
    effects = {event.id: event.likes for event in decoded.events}
    counted = services.get(
        QUOTES,
        f"/quotes/{quote_id}",
        CountedQuoteShape if effects else QuoteShape,
        {"after_events": ",".join(effects) or None},
        patient=True,
    )
    quote = quote_of(info.context, counted)
    if isinstance(counted, CountedQuoteShape):
        quote.likes = max(0, quote.likes + _effect_to_come(counted, effects))
    if info.context.caller is not None:
        liked_by_caller(info.context).know(quote_id, method == "POST")
    return quote


def _effect_to_come(quote: CountedQuoteShape, effects: dict[str, int]) -> int:
    """Return what the caller's own events will yet change of the count that Quotes shape.

    Quotes reads the count and which events it holds in one query, so each event is counted there
    or here, and never twice.
    """
    applied = set(quote.applied_events)
    return sum(effect for event_id, effect in effects.items() if event_id not in applied)
