"""What Quotes consumes: from event type to the function that handles a list of its events."""

from collections import Counter
from collections.abc import Callable, Sequence

from messaging.events import Event
from quotes_service import domain

LIKED = "likes.like.created"
UNLIKED = "likes.like.deleted"


def count_likes(events: Sequence[Event]) -> None:
    """Add likes to, and take unlikes from, the counts: one sum per quote, in one statement."""
    changes: Counter[int] = Counter()
    for event in events:
        changes[event.data["quote_id"]] += 1 if event.type == LIKED else -1
    domain.add_likes(changes=changes)


HANDLERS: dict[str, Callable[[Sequence[Event]], None]] = {
    LIKED: count_likes,
    UNLIKED: count_likes,
}
