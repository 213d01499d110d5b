"""What Likes consumes: from the type of an event to the function that handles a list of them.

The consumer calls a handler once for all new events of a batch, in one transaction.
"""

from collections.abc import Callable, Sequence

from likes_service.replica import QuoteState, apply_quote_states
from messaging.events import Event

QUOTE_DELETED = "quotes.quote.deleted"


def follow_quotes(events: Sequence[Event]) -> None:
    """Bring the replica up to what the events say, and remove the likes of deleted quotes."""
    apply_quote_states(
        QuoteState.deleted_at(event.data)
        if event.type == QUOTE_DELETED
        else QuoteState.parse(event.data)
        for event in events
    )


# One function for the three, so that all states of a batch are applied together, in id order.
HANDLERS: dict[str, Callable[[Sequence[Event]], None]] = {
    "quotes.quote.created": follow_quotes,
    "quotes.quote.updated": follow_quotes,
    QUOTE_DELETED: follow_quotes,
}
