"""The end of the log, kept in memory: those who were away for a moment are served from it."""

from bisect import bisect_left
from collections.abc import Iterable

from gateway.live.changes import START, Mention, Place

MOST = 20_000  # mentions, some 200 bytes each


class Recent:
    """The last mentions of the log, in its order."""

    def __init__(self) -> None:
        self._mentions: list[Mention] = []
        self.position: Place = START

    def add(self, mentions: Iterable[Mention]) -> None:
        """Take what came, and forget the oldest."""
        self._mentions += mentions
        if self._mentions:
            self.position = self._mentions[-1].place
        if len(self._mentions) > 2 * MOST:
            del self._mentions[:-MOST]

    def clear(self) -> None:
        """Forget all: the log is another one."""
        self._mentions.clear()
        self.position = START

    def since(self, place: Place) -> list[Mention] | None:
        """Return what came behind a place; None if that place isn't here."""
        if place == self.position:
            return []
        if place == START and self._mentions and self._mentions[0].place.offset == 0:
            return list(self._mentions)
        index = bisect_left(self._mentions, place.offset, key=lambda each: each.place.offset)
        if index < len(self._mentions) and self._mentions[index].place == place:
            return self._mentions[index + 1 :]
        return None

    def older(self, place: Place) -> bool:
        """Return whether a place is before all that is here, so that the log itself may have it."""
        return bool(self._mentions) and place.offset < self._mentions[0].place.offset
