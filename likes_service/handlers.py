"""What Likes consumes: from the type of an event to the function that handles a list of them.

The consumer calls a handler once for all new events of a batch, in one transaction.
"""

from collections.abc import Callable, Sequence

from likes_service.counting import publish_counts
from likes_service.replica import QuoteState, apply_quote_states, remove_likes_of_others
from messaging.errors import InvalidEvent
from messaging.events import Event

QUOTE_DELETED = "quotes.quote.deleted"


def follow_quotes(events: Sequence[Event]) -> None:
    """Bring the replica up to what the events say, and remove the likes of deleted quotes.

    Of quotes as a backup had them the counts are published, since Quotes may have lost likes.

    Raises InvalidEvent for one that is not a quote: it would be none at the next attempt either.
    """
    restored = [_state(event) for event in events if event.data.get("restored")]
    remove_likes_of_others(restored)
    apply_quote_states([_state(event) for event in events])
    publish_counts({state.id for state in restored})


def _state(event: Event) -> QuoteState:
    try:
        if event.type == QUOTE_DELETED:
            return QuoteState.deleted_at(event.data)
        return QuoteState.parse(event.data)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidEvent(f"not a quote: {error}") from error


# One function for the three, so that all states of a batch are applied together, in id order.
HANDLERS: dict[str, Callable[[Sequence[Event]], None]] = {
    "quotes.quote.created": follow_quotes,
    "quotes.quote.updated": follow_quotes,
    QUOTE_DELETED: follow_quotes,
}
