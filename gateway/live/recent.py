"""The end of the log, kept in memory: those who were away for a moment are served from it.

What has become of quotes since a place is found in the time that its answer takes, whatever else
was read since: where many come back at once, each has a place of their own.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile

from gateway.live.changes import START, Mention, Place, heavier
from gateway.schema.quote_changes import QuoteChangeKind

MOST = 20_000  # mentions, some 500 bytes each if each is of another quote


class Recent:
    """The last mentions of the log."""

    def __init__(self) -> None:
        self.position: Place = START
        self._places: list[Place] = []
        # Where each kind was last said of a quote. Kinds and quotes are in the order of the log.
        self._kinds: dict[int, dict[QuoteChangeKind, Place]] = {}

    def add(self, mentions: Iterable[Mention]) -> None:
        """Take what came, and forget the oldest."""
        for place, number, kind in mentions:
            self._places.append(place)
            if number is not None:
                kinds = self._kinds.pop(number, {})
                kinds.pop(kind, None)
                kinds[kind] = place
                self._kinds[number] = kinds
        if self._places:
            self.position = self._places[-1]
        if len(self._places) > 2 * MOST:
            del self._places[:-MOST]
            self._forget_before(self._places[0].offset)

    def clear(self) -> None:
        """Forget all: the log is another one."""
        self._places.clear()
        self._kinds.clear()
        self.position = START

    def since(
        self, place: Place, numbers: frozenset[int] | None, most: int
    ) -> list[Mention] | None:
        """Return one mention of each quote that was mentioned behind a place, in their order.

        `numbers` says of which quotes, None of all. Of more than `most` the oldest are left out.
        Return None if that place isn't here.
        """
        if not self._has(place):
            return None
        found = list(islice(self._latest_first(place, numbers), most))
        found.reverse()
        return found

    def older(self, place: Place) -> bool:
        """Return whether a place is before all that is here, so that the log itself may have it."""
        return bool(self._places) and place.offset < self._places[0].offset

    def _has(self, place: Place) -> bool:
        if place == self.position:
            return True
        if place == START:
            return bool(self._places) and self._places[0].offset == 0
        index = bisect_left(self._places, place.offset, key=lambda each: each.offset)
        return index < len(self._places) and self._places[index] == place

    def _latest_first(self, place: Place, numbers: frozenset[int] | None) -> Iterator[Mention]:
        """Return a mention of each quote that was mentioned behind a place, the latest first."""
        known: Iterable[int] = reversed(self._kinds)
        if numbers is not None:
            known = sorted(numbers & self._kinds.keys(), key=self._last_offset, reverse=True)
        for number in takewhile(lambda each: self._last_offset(each) > place.offset, known):
            yield _since(number, self._kinds[number], place)

    def _last_offset(self, number: int) -> int:
        return next(reversed(self._kinds[number].values())).offset

    def _forget_before(self, offset: int) -> None:
        old = list(takewhile(lambda number: self._last_offset(number) < offset, self._kinds))
        for number in old:
            del self._kinds[number]


def _since(number: int, kinds: dict[QuoteChangeKind, Place], place: Place) -> Mention:
    """Return the one mention that stands for all that were made of a quote behind a place."""
    last, *earlier = reversed(kinds.items())
    kind = last[0]
    for other, at in earlier:
        if at.offset > place.offset:
            kind = heavier(other, kind)
    return Mention(last[1], number, kind)
