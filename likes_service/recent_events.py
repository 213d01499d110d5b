"""A user's latest likes and unlikes of one quote, kept with the like.

Whoever shows a count right after a like asks Quotes for the stored count and for which of
these events are in it, and adds the effects of the others. That is exact with every consumer
stopped only if all the events are here that may not be in the stored count yet: of somebody who
liked, unliked and liked again, three.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from messaging.events import Event

# Old ones go in pairs, a like and its withdrawal, whose effects add up to nothing.
MOST_KEPT = 8
# Quotes forgets after its inbox's retention (30 days) that it has counted an event, which would
# then look as if not counted. No consumer stands still for this long.
COUNTED_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class RecentEvent:
    """A like (`likes` is 1) or an unlike (-1), by the id of its event.

    `key` is the Idempotency-Key of the request, by which a repetition is known. An earlier release
    wrote neither it nor the sequence down.
    """

    id: str
    likes: int
    time: datetime
    sequence: int | None = None
    key: str | None = None

    @classmethod
    def of(cls, event: Event, likes: int, key: str | None) -> "RecentEvent":
        """Take note of an event that was just published."""
        return cls(event.id, likes, event.time, event.sequence, key)


def read(stored: Iterable[dict[str, Any]]) -> list[RecentEvent]:
    """Read the JSON values that a row keeps."""
    return [
        RecentEvent(
            item["id"],
            item["likes"],
            datetime.fromisoformat(item["time"]),
            item.get("sequence"),
            item.get("key"),
        )
        for item in stored
    ]


def written(events: Iterable[RecentEvent]) -> list[dict[str, Any]]:
    """Write the JSON values that a row keeps."""
    return [{**_shown(event), "time": event.time.isoformat(), "key": event.key} for event in events]


def as_json(events: Iterable[RecentEvent]) -> list[dict[str, Any]]:
    """Return what a response says of them."""
    return [_shown(event) for event in events]


def _shown(event: RecentEvent) -> dict[str, Any]:
    return {"id": event.id, "likes": event.likes, "sequence": event.sequence}


def followed_by(events: Sequence[RecentEvent], latest: RecentEvent) -> list[RecentEvent]:
    """Add the latest event, and leave out those that are surely counted or too many."""
    kept = [e for e in (*events, latest) if latest.time - e.time < COUNTED_AFTER]
    surplus = max(0, len(kept) - MOST_KEPT)
    return kept[surplus + surplus % 2 :]
