"""One subscriber: what they are still to be told, and for how long."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.error_codes import ErrorCode
from gateway.live.changes import ANEW, Change, Mention, Place, cursor_of
from gateway.live.groups import Group
from gateway.live.opening import Opening

# Quotes that have changed since a subscriber last took something: who is further behind is closed.
MOST_PENDING = 1_000


@dataclass(frozen=True)
class Notice:
    """Something other than a change: an entry of `errors`, a status, or (None) a sign of life.

    The last one `ends` the stream.
    """

    error: dict[str, Any] | None = None
    status: str | None = None
    ends: bool = False


Told: TypeAlias = Change | Notice


class Subscriber:
    """Holds the latest change of each quote until it is taken, so that slow ones get fewer.

    Changes are taken in the order of the log. One that is replaced by a later one moves behind, so
    that whoever comes back with the cursor of what they took last has missed nothing.
    """

    def __init__(self, group: Group, opening: Opening, *, ends_at: float) -> None:
        # Of the opening it keeps what is its own; the rest, 1 kB, the group has once for all.
        self.group = group
        self.caller = opening.caller
        self.rate_key = opening.rate_key
        self.numbers = opening.numbers  # None for all
        self.after = opening.after  # where to begin; None for a snapshot
        self.missed: dict[int, Mention] = {}  # what came before `after`, and is still to be told
        self.ends_at = ends_at
        self.token_ends_at = opening.token_ends_at
        self.wants_status = opening.wants_status
        self.sending_since: float | None = None  # while it waits for the reader to read
        self.told_at = 0.0
        self.cut: Callable[[], object] | None = None  # ends the connection of a stuck reader
        self.reached = self.after  # what the reader has got; None before the begin
        self._pending: dict[int, Change] = {}
        self._notices: list[Notice] = []
        self._bound = MOST_PENDING
        self._ended = False
        # A future, since an asyncio.Event is another 800 bytes of each subscriber.
        self._waiting: asyncio.Future[None] | None = None

    @property
    def gone(self) -> bool:
        """Whether there is nothing more to tell."""
        return self._ended

    def begin_anew(self) -> None:
        """Forget where it was, since nobody knows what it has missed since."""
        self.after = self.reached = None
        self.missed = {}

    def begin(self, changes: Sequence[Change], place: Place) -> None:
        """Take what comes first, which may be more than what may pend later."""
        self.missed = {}
        self._bound = MOST_PENDING + len(changes)
        if self.reached is None:
            self.reached = ANEW if changes else place
        for change in changes:
            self.offer(change)

    def offer(self, change: Change) -> None:
        """Take a change that concerns this subscriber."""
        if self._ended:
            return
        number = change.state.number
        if len(self._pending) >= self._bound and number not in self._pending:
            self.end(ErrorCode.RESUBSCRIBE, "You read too slowly.", "slow")
            return
        self._pending[number] = change.after(self._pending.pop(number, None))
        self._wake()

    def notify(self, notice: Notice) -> None:
        """Take what is told before all changes."""
        if not self._ended:
            self._notices.append(notice)
            self._wake()

    def end(self, code: ErrorCode, message: str, reason: str, retry_after: float = 0) -> None:
        """Have the stream end, with the cursor to come back with."""
        if self._ended:
            return
        self._pending.clear()
        self._notices.clear()
        extensions: dict[str, Any] = {"code": code, "reason": reason}
        if self.reached is not None:
            extensions["cursor"] = cursor_of(self.reached)
        if retry_after:
            extensions["retryAfter"] = round(retry_after, 1)
        self.notify(Notice(error={"message": message, "extensions": extensions}, ends=True))
        self._ended = True

    def leave(self) -> None:
        """Be told nothing more: the reader is gone."""
        self._ended = True

    async def next(self) -> Told:
        """Wait for the next thing to tell, and take it."""
        while True:
            if self._notices:
                return self._notices.pop(0)
            if self._pending:
                number = next(iter(self._pending))
                return self._pending.pop(number)
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
