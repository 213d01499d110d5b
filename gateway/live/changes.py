"""What the log mentions, what subscribers are told of it, and the cursors between the two."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
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

    def after(self, earlier: "Mention | None") -> "Mention":
        """Return the one mention that stands for two."""
        kind = self.kind if earlier is None else heavier(earlier.kind, self.kind)
        return self if kind is self.kind else self._replace(kind=kind)


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """How a quote is since that place; nothing once it is deleted.

    It is one for all who are told of it, and equal to no other, so that they can share its text.
    """

    place: Place
    number: int
    quote: QuoteShape | None


class Change(NamedTuple):
    """What subscribers are told."""

    state: State
    kind: QuoteChangeKind

    def after(self, earlier: "Change | None") -> "Change":
        """Return the one change that stands for two."""
        kind = self.kind if earlier is None else heavier(earlier.kind, self.kind)
        return self if kind is self.kind else Change(self.state, kind)


def heavier(one: QuoteChangeKind, other: QuoteChangeKind) -> QuoteChangeKind:
    """Return which of two kinds says more."""
    return one if one is other or _WEIGHTS[one] > _WEIGHTS[other] else other


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


def collapsed(
    mentions: Iterable[Mention], earlier: Mapping[int, Mention] = MappingProxyType({})
) -> dict[int, Mention]:
    """Return one mention of each quote, in the order of the log, those before it counted in."""
    found = dict(earlier)
    for mention in mentions:
        if mention.number is not None:
            found[mention.number] = mention.after(found.pop(mention.number, None))
    return found


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
