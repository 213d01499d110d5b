"""What Quotes consumes: from event type to the function that handles a list of its events."""

from collections.abc import Callable, Sequence

from messaging.events import Event
from quotes_service import counting
from quotes_service.counting import LikeChange, LikeCount

LIKED = "likes.like.created"
UNLIKED = "likes.like.deleted"
COUNTED = "likes.like.counted"


def count_likes(events: Sequence[Event]) -> None:
    """Bring the counts of quotes up to what the events say: one sum per quote, in one statement."""
    counting.count_likes(
        [
            LikeChange(event.data["quote_id"], event.sequence, 1 if event.type == LIKED else -1)
            for event in events
            if event.type != COUNTED
        ],
        [
            LikeCount(event.data["quote_id"], event.sequence, event.data["likes"])
            for event in events
            if event.type == COUNTED
        ],
    )


# One function for all, so that it sees the changes and the counts of a batch together.
HANDLERS: dict[str, Callable[[Sequence[Event]], None]] = {
    LIKED: count_likes,
    UNLIKED: count_likes,
    COUNTED: count_likes,
}
