"""What the log mentions, what subscribers are told of it, and the cursors between the two."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import orjson

from gateway.errors import InvalidCursor
from gateway.schema.quote_changes import QuoteChangeKind
from gateway.upstream.shapes import QuoteShape
from messaging.brokers.interface import Entry

_KINDS = {
    "quotes.quote.created": QuoteChangeKind.CREATED,
    "quotes.quote.updated": QuoteChangeKind.UPDATED,
    "quotes.quote.counted": QuoteChangeKind.LIKES,
    "quotes.quote.deleted": QuoteChangeKind.DELETED,
}
# Of two kinds in one message the one that says more, by what a client does with it.
_WEIGHTS = {kind: weight for weight, kind in enumerate(
    (
        QuoteChangeKind.LIKES,
        QuoteChangeKind.UPDATED,
        QuoteChangeKind.SNAPSHOT,
        QuoteChangeKind.CREATED,
        QuoteChangeKind.DELETED,
    )
)}  # fmt: skip


class Place(NamedTuple):
    """A place in the log: an offset and the event that is there.

    The event tells a log that was made anew from the one that a cursor is of.
    """

    offset: int
    event: str


# Before all entries
START = Place(-1, "")
# Of a snapshot of several quotes, until the last is sent: who comes back gets all of it again.
ANEW = Place(-2, "")


class Mention(NamedTuple):
    """That the log says something of a quote; None if what it says is of no quote."""

    place: Place
    number: int | None
    kind: QuoteChangeKind


@dataclass(frozen=True, slots=True)
class Change:
    """What subscribers are told: how a quote is since that place; nothing once it is deleted."""

    place: Place
    number: int
    kind: QuoteChangeKind
    quote: QuoteShape | None = None

    def after(self, earlier: "Change | None") -> "Change":
        """Return the one change that stands for two."""
        if earlier is None or _WEIGHTS[earlier.kind] <= _WEIGHTS[self.kind]:
            return self
        return replace(self, kind=earlier.kind)


def mention_of(entry: Entry) -> Mention:
    """Return what an entry of the log mentions."""
    message = entry.message
    place = Place(entry.offset, (message.message_id or "")[:8])
    kind = _KINDS.get(message.type or "")
    try:
        number = orjson.loads(message.body)["id"] if kind else None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        number = None
    known = isinstance(number, int) and not isinstance(number, bool)
    return Mention(place, number if known else None, kind or QuoteChangeKind.UPDATED)


def collapsed(mentions: Iterable[Mention]) -> dict[int, Change]:
    """Return one change of each quote, in the order of the log, before the quotes are read."""
    changes: dict[int, Change] = {}
    for place, number, kind in mentions:
        if number is not None:
            changes[number] = Change(place, number, kind).after(changes.pop(number, None))
    return changes


def cursor_of(place: Place) -> str:
    """Return the cursor of a place."""
    return base64.urlsafe_b64encode(f"{place.offset}:{place.event}".encode()).decode().rstrip("=")


def place_of(cursor: str) -> Place | None:
    """Return the place of a cursor; None if it says to begin anew.

    Raise `InvalidCursor` if it was not given out.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        offset, colon, event = text.partition(":")
        place = Place(int(offset), event)
    except (ValueError, binascii.Error):
        place, colon = START, ""
    if not colon or cursor_of(place) != cursor or not -2 <= place.offset < 2**63:
        raise InvalidCursor("'after' is no cursor of this subscription.", argument="after")
    return None if place == ANEW else place
