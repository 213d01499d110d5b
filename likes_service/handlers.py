"""What Likes consumes: from the type of an event to the function that handles a list of them.

The consumer calls a handler once for all new events of a batch, in one transaction.
"""

from collections.abc import Callable, Sequence

from identity import accounts
from identity.accounts import AccountState
from likes_service.counting import publish_counts_at_once
from likes_service.replica import QuoteState, apply_quote_states, remove_likes_of_others
from likes_service.withdrawing import follow_accounts
from messaging.errors import InvalidEvent
from messaging.events import Event

QUOTE_DELETED = "quotes.quote.deleted"
OF_ACCOUNTS = {accounts.UPDATED, accounts.DELETED}


def follow_quotes_and_accounts(events: Sequence[Event]) -> None:
    """Bring both replicas up to what the events say, and have the likes of what is deleted go.

    Of quotes as a backup had them the counts are published, since Quotes may have lost likes.

    Raises InvalidEvent for one that is not a quote: it would be none at the next attempt either.
    """
    of_accounts = [AccountState.of(event) for event in events if event.type in OF_ACCOUNTS]
    of_quotes = [event for event in events if event.type not in OF_ACCOUNTS]
    restored = [_state(event) for event in of_quotes if event.data.get("restored")]
    remove_likes_of_others(restored)
    apply_quote_states([_state(event) for event in of_quotes])
    follow_accounts(of_accounts)
    if restored:
        publish_counts_at_once({state.id for state in restored})


def _state(event: Event) -> QuoteState:
    try:
        if event.type == QUOTE_DELETED:
            return QuoteState.deleted_at(event.data)
        return QuoteState.parse(event.data)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidEvent(f"not a quote: {error}") from error


# One function for all, so that the states of a batch are applied together, in one order of locks:
# those of quotes in id order, then those of accounts, as likers take them.
HANDLERS: dict[str, Callable[[Sequence[Event]], None]] = {
    "quotes.quote.created": follow_quotes_and_accounts,
    "quotes.quote.updated": follow_quotes_and_accounts,
    QUOTE_DELETED: follow_quotes_and_accounts,
    accounts.UPDATED: follow_quotes_and_accounts,
    accounts.DELETED: follow_quotes_and_accounts,
}
