"""Liking and unliking: a write to Likes, answered with Quotes' count as it will be."""

from typing import Annotated

import strawberry
import strawberry_django

from gateway.context import Info
from gateway.schema.ids import parse_id
from gateway.schema.likers import liked_by_caller
from gateway.schema.quotes import Quote, QuoteResult, answered_quote
from gateway.schema.refusals import quote_not_found, refusals_as_data, require_token
from gateway.upstream.services import LIKES, QUOTES
from gateway.upstream.shapes import AnsweredQuote, ChangedLike, CountedQuote


@strawberry.input(description="Which quote to like or unlike.")
class LikeQuoteInput:
    """The input of `likeQuote` and `unlikeQuote`."""

    quote_id: strawberry.ID = strawberry.field(description="Which quote.")


@strawberry.type
class LikeMutation:
    """What can be done with likes."""

    @strawberry_django.mutation(
        handle_django_errors=True,
        description="Like a quote, once per user. The `likes` in the answer count this one.",
    )
    @refusals_as_data
    def like_quote(
        self,
        info: Info,
        input: Annotated[LikeQuoteInput, strawberry.argument(description="Which quote.")],
    ) -> QuoteResult | None:
        return _change_like(info, input, "POST")

    @strawberry_django.mutation(
        handle_django_errors=True,
        description="Take a like back. The `likes` in the answer no longer count it.",
    )
    @refusals_as_data
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
    answer = services.send(LIKES, method, f"/quotes/{quote_id}/like", ChangedLike)
    effects = {event.id: event.likes for event in answer.events}
    counted = services.get(
        QUOTES,
        f"/quotes/{quote_id}",
        CountedQuote if effects else AnsweredQuote,
        {"after_events": ",".join(effects) or None},
        patient=True,
    )
    quote = answered_quote(info.context, counted)
    if isinstance(counted, CountedQuote):
        quote.likes = max(0, quote.likes + _effect_to_come(counted, effects))
    if info.context.caller is not None:
        liked_by_caller(info.context).know(quote_id, method == "POST")
    return quote


def _effect_to_come(quote: CountedQuote, effects: dict[str, int]) -> int:
    """Answer what the caller's own events will yet change of the count that Quotes told.

    Quotes reads the count and which events it holds in one query, so each event is counted there
    or here, and never twice.
    """
    applied = set(quote.applied_events)
    return sum(effect for event_id, effect in effects.items() if event_id not in applied)
