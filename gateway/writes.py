"""What a client has just written, and Quotes may not have counted yet: the header `After-Writes`.

The response to a like names its event. A client that sends the name with its next requests sees
the like counted in them. Each response to such a request has the names that are still on their way;
the others are counted, and can be forgotten. docs/frontends.md says it to clients.

A response whose counts may lack them has no header: it says nothing of them.

Nobody is asked whether a name is ours: it changes nothing but what its sender sees.
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

HEADER = "After-Writes"
MOST = 50  # as many events as Quotes takes in `after_events`; the latest are kept
# Quotes forgets after some weeks which events it has counted; see Likes' `recent_events.py`.
KEPT = timedelta(days=1)
_NAME = re.compile(
    r"([1-9][0-9]{0,17})\.([+-]1)\.([0-9]{0,18})\.([0-9a-zA-Z-]{1,40})\.([0-9]{1,12})"
)


class NoName(ValueError):
    """The header holds what is no name of a write."""


@dataclass(frozen=True)
class Write:
    """A like or its withdrawal: an event, and its effect on a quote's count."""

    quote_id: int
    effect: int
    sequence: int | None
    event_id: str
    at: int  # seconds since 1970

    @property
    def name(self) -> str:
        """How clients name it."""
        sequence = "" if self.sequence is None else self.sequence
        return f"{self.quote_id}.{self.effect:+d}.{sequence}.{self.event_id}.{self.at}"

    @property
    def asked(self) -> str:
        """How Quotes is asked: the sequence tells it of events before its last whole count."""
        return self.event_id if self.sequence is None else f"{self.event_id}:{self.sequence}"


class Writes:
    """The writes that one HTTP request knows of, and that may be on their way."""

    def __init__(self, header: str | None = None) -> None:
        """Take those that the client names. Raise `NoName` for what is none."""
        self._is_told = header is not None
        self._has_written = False
        self._may_be_lacking = False
        self._pending: dict[str, Write] = {}
        oldest = time.time() - KEPT.total_seconds()
        for part in (header or "").split(","):
            if (text := part.strip()) and (write := _read(text)).at > oldest:
                self._pending[write.event_id] = write

    def add(self, quote_id: int, effects: Mapping[str, tuple[int, int | None]]) -> None:
        """Take the events of a quote, each with its effect and its sequence."""
        self._is_told = self._has_written = True
        now = int(time.time())
        for event_id, (effect, sequence) in effects.items():
            if effect:
                write = Write(quote_id, effect, sequence, event_id, now)
                self._pending.setdefault(event_id, write)

    def of(self, quote_ids: Iterable[int]) -> list[Write]:
        """Return the latest that are about one of these quotes."""
        if not self._pending:
            return []
        asked = set(quote_ids)
        return [each for each in self._pending.values() if each.quote_id in asked][-MOST:]

    def settle(self, quote_id: int, applied: Iterable[str]) -> int:
        """Forget those that Quotes has counted; return what the others will yet change."""
        for event_id in applied:
            self._pending.pop(event_id, None)
        return sum(each.effect for each in self.of([quote_id]))

    def lack(self) -> None:
        """Take note that counts are shown in which these writes may be missing."""
        self._may_be_lacking = True

    @property
    def header(self) -> str | None:
        """What the client is told; None if it has written nothing, and named nothing."""
        if not self._is_told or (self._may_be_lacking and not self._has_written):
            return None
        return ", ".join(each.name for each in list(self._pending.values())[-MOST:])


def _read(text: str) -> Write:
    found = _NAME.fullmatch(text)
    if found is None:
        raise NoName(f"The header {HEADER} holds what no response has named.")
    quote_id, effect, sequence, event_id, at = found.groups()
    return Write(int(quote_id), int(effect), int(sequence) if sequence else None, event_id, int(at))
