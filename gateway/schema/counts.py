"""Counts of likes as a client sees them: with what it has written, be that counted yet or not."""

from collections.abc import Mapping, Sequence

from graphql import GRAPHQL_MAX_INT

from gateway.context import RequestContext
from gateway.errors import GatewayError
from gateway.upstream.services import QUOTES
from gateway.upstream.shapes import CountedQuoteShape, CountedQuotesShape


def shown(likes: int) -> int:
    """Return a count as GraphQL's Int has room for it."""
    return min(max(0, likes), GRAPHQL_MAX_INT)


def counted(context: RequestContext, quote: CountedQuoteShape) -> int:
    """Return a quote's count with the client's own writes in it.

    Quotes reads the count and which events it holds in one query, so each event is counted there
    or here, and never twice.
    """
    stored = quote.likes if quote.stored_likes is None else quote.stored_likes
    return shown(stored + context.writes.settle(quote.id, quote.applied_events))


def counts_with_own_writes(context: RequestContext, quote_ids: Sequence[int]) -> Mapping[int, int]:
    """Return the counts of those quotes on which the client names writes; of no others."""
    writes = context.writes.of(quote_ids)
    if not writes:
        return {}
    params = {
        "id": ",".join(str(each) for each in dict.fromkeys(write.quote_id for write in writes)),
        "after_events": ",".join(write.asked for write in writes),
    }
    try:
        decoded = context.read(QUOTES, "/quotes", CountedQuotesShape, params)
    except GatewayError:
        context.writes.lack()
        return {}  # it is in the log; the counts are as they were read before
    return {quote.id: counted(context, quote) for quote in decoded.items}
