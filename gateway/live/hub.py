"""The middle of the live process: what the log mentions is read once and told to all concerned.

One task does all of it, turn by turn, so that nothing overtakes anything: the quotes that a turn
is about are read from Quotes after those of the turn before. So what a subscriber is told never
goes back, however often an event comes and whichever process tells it.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor

import structlog

from gateway.batches import MAX_KEYS
from gateway.context import RequestContext
from gateway.error_codes import ErrorCode
from gateway.errors import GatewayError
from gateway.live.changes import ANEW, Change, Mention, Place, State, collapsed
from gateway.live.log import MOST_MISSED, missed
from gateway.live.recent import Recent
from gateway.live.roster import Roster
from gateway.live.subscriber import Notice, Subscriber
from gateway.schema.quote_changes import QuoteChangeKind
from gateway.upstream.services import QUOTES
from gateway.upstream.shapes import QuoteShape, QuotesShape
from messaging.brokers import BrokerUnavailable

# What comes within this time of the start of a turn is told in one turn after it.
TURN_SECONDS = 0.005
RETRY_SECONDS = 0.5
# What takes longer to write, since a service is slow, is waited for by those alone who are told it.
WRITE_SECONDS = 0.05
# Changes that are written for all before the first is told
MOST_AT_ONCE = 100
# Those who were away for longer than memory goes back read the log for themselves, so many at once.
READERS = 4

logger = structlog.get_logger(__name__)


class Hub:
    """Tells subscribers what changes. All but its `pool` runs in one event loop."""

    def __init__(self, pool: Executor) -> None:
        self.roster = Roster()
        self.following = False  # whether the log is being read
        self.followed = False  # whether it ever was: before, nobody knows where it ends
        self._reading = True  # whether Quotes says how quotes are
        self._pool = pool
        self._recent = Recent()
        self._mentions: list[Mention] = []
        self._joining: list[Subscriber] = []
        self._lost = False
        self._woken = asyncio.Event()
        self._readers = asyncio.Semaphore(READERS)
        self._tasks: set[asyncio.Task[None]] = set()

    def mention(self, mentions: Sequence[Mention]) -> None:
        """Take what came by the log."""
        self._mentions += mentions
        self._woken.set()

    def lose(self) -> None:
        """Take it that the log is another one, and that nobody knows what is missing."""
        self._lost = True
        self._mentions.clear()

    def interrupt(self, interrupted: bool) -> None:
        """Take whether the log can't be read now."""
        if self.following == interrupted:
            self.following = not interrupted
            self.followed = self.followed or self.following
            self._woken.set()
            self._tell_status()

    def _tell_status(self) -> None:
        for subscriber in self.roster.all():
            if subscriber.wants_status:
                subscriber.notify(Notice(status=self.status))

    @property
    def status(self) -> str:
        """What subscribers are told of how current they are."""
        return "CURRENT" if self.following and self._reading else "INTERRUPTED"

    def join(self, subscriber: Subscriber) -> None:
        """Take a subscriber, who is told what is to come first in one of the next turns.

        One to all quotes, from now on, can be taken only once the log was `followed`.
        """
        if subscriber.numbers is None and subscriber.after is None:
            # What comes before the next turn has been heard of since they asked, too.
            last = self._mentions[-1].place if self._mentions else self._recent.position
            subscriber.after = subscriber.reached = last
        self._joining.append(subscriber)
        self._woken.set()

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a subscriber, also where a turn or a search is under way that has them join."""
        subscriber.leave()
        if subscriber in self._joining:
            self._joining.remove(subscriber)
        self.roster.remove(subscriber)

    async def run(self) -> None:
        """Take turns until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            if not self.followed:
                continue
            began = time.monotonic()
            try:
                await self._turn()
            except Exception:
                logger.exception("live_turn_failed")
                raise
            await asyncio.sleep(max(0.0, began + TURN_SECONDS - time.monotonic()))

    async def _turn(self) -> None:
        joining, self._joining = self._joining, []
        if self._lost:
            self._lost = False
            self._recent.clear()
            joining += self._begin_anew(self.roster.clear())
        mentions, self._mentions = self._mentions, []
        self._recent.add(mentions)
        news = {n: each for n, each in collapsed(mentions).items() if self.roster.wants(n)}
        beginnings = [(each, self._beginning(each)) for each in joining]
        wanted = set(news).union(*(first or () for _, first in beginnings))
        states = _States(await self._read(sorted(wanted)))
        changes = states.changes(news)
        for start in range(0, len(changes), MOST_AT_ONCE):
            await self._tell(changes[start : start + MOST_AT_ONCE])
        for subscriber, first in beginnings:
            if subscriber.gone:
                continue
            if first is None:
                self._look_for_missed(subscriber)
            else:
                subscriber.begin(states.changes(first), self._recent.position)
                self.roster.add(subscriber)

    async def _tell(self, changes: Sequence[Change]) -> None:
        """Tell changes to all concerned: what many are told is written before they are woken."""
        concerned = [(change, self.roster.of(change.state.number)) for change in changes]
        texts = [
            group.begin(change)
            for change, subscribers in concerned
            for group in {each.group for each in subscribers if each.group.members > 1}
        ]
        if texts:
            await asyncio.wait(texts, timeout=WRITE_SECONDS)
        for change, subscribers in concerned:
            for subscriber in subscribers:
                subscriber.offer(change)

    def _beginning(self, subscriber: Subscriber) -> dict[int, Mention] | None:
        """Return what a subscriber is told of first; None if it is not in memory."""
        if subscriber.after is None:
            return self._snapshot(subscriber)
        numbers = subscriber.numbers
        mentions = self._recent.since(subscriber.after, numbers, MOST_MISSED + 1)
        if mentions is None:
            if self._recent.older(subscriber.after):
                return None
            self._begin_anew([subscriber])
            return self._snapshot(subscriber)
        found = collapsed(mentions, subscriber.missed)
        if len(found) > MOST_MISSED:
            self._begin_anew([subscriber])
            return self._snapshot(subscriber)
        return found

    def _snapshot(self, subscriber: Subscriber) -> dict[int, Mention]:
        numbers = sorted(subscriber.numbers or ())
        snapshot = {n: Mention(ANEW, n, QuoteChangeKind.SNAPSHOT) for n in numbers}
        if numbers:
            last = numbers[-1]
            snapshot[last] = snapshot[last]._replace(place=self._recent.position)
        return snapshot

    def _begin_anew(self, subscribers: Iterable[Subscriber]) -> list[Subscriber]:
        """Tell subscribers that they may have missed something, and have them begin anew."""
        message = "The log doesn't reach back to that cursor: what has changed since isn't known."
        error = {"message": message, "extensions": {"code": ErrorCode.CURSOR_EXPIRED}}
        anew = list(subscribers)
        for subscriber in anew:
            subscriber.begin_anew()
            subscriber.notify(Notice(error=error))
        return anew

    def _look_for_missed(self, subscriber: Subscriber) -> None:
        task = asyncio.get_running_loop().create_task(self._find_missed(subscriber))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _find_missed(self, subscriber: Subscriber) -> None:
        loop, after, until = asyncio.get_running_loop(), subscriber.after, self._recent.position
        if after is None:
            return
        try:
            async with self._readers:
                found = await loop.run_in_executor(self._pool, missed, after, until)
        except BrokerUnavailable as error:
            logger.warning("log_unavailable", reason=str(error), retry_in=RETRY_SECONDS)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            if found is None:
                self._begin_anew([subscriber])
            else:
                subscriber.after, mentions = found
                numbers = subscriber.numbers
                subscriber.missed = {
                    n: each for n, each in mentions.items() if numbers is None or n in numbers
                }
        if not subscriber.gone:
            self.join(subscriber)

    async def _read(self, numbers: Sequence[int]) -> dict[int, QuoteShape]:
        """Read quotes, for as long as it takes: nothing is told before."""
        quotes: dict[int, QuoteShape] = {}
        loop = asyncio.get_running_loop()
        for start in range(0, len(numbers), MAX_KEYS):
            chunk = numbers[start : start + MAX_KEYS]
            while True:
                try:
                    found = await loop.run_in_executor(self._pool, _read_quotes, chunk)
                except GatewayError:  # the services' caller has logged it
                    self._note_reading(False)
                    await asyncio.sleep(RETRY_SECONDS)
                else:
                    self._note_reading(True)
                    quotes.update(found)
                    break
        return quotes

    def _note_reading(self, reading: bool) -> None:
        if self._reading != reading:
            self._reading = reading
            self._tell_status()


class _States:
    """How quotes are in one turn: all who are told the same of one share it."""

    def __init__(self, quotes: Mapping[int, QuoteShape]) -> None:
        self._quotes = quotes
        self._known: dict[tuple[Place, int], State] = {}

    def changes(self, mentions: Mapping[int, Mention]) -> list[Change]:
        """Return what is told of mentions. A later one tells of the deletion of what is no more."""
        found = []
        for number, (place, _, kind) in mentions.items():
            quote = self._quotes.get(number)
            if kind is QuoteChangeKind.SNAPSHOT and quote is None:
                kind = QuoteChangeKind.DELETED
            if kind is QuoteChangeKind.DELETED or quote is not None:
                found.append(Change(self._state(place, number), kind))
        return found

    def _state(self, place: Place, number: int) -> State:
        known = self._known.get((place, number))
        if known is None:
            known = self._known[place, number] = State(place, number, self._quotes.get(number))
        return known


def _read_quotes(numbers: Sequence[int]) -> dict[int, QuoteShape]:
    params = {"id": ",".join(map(str, numbers)), "limit": len(numbers)}
    found = RequestContext().read(QUOTES, "/quotes", QuotesShape, params)
    return {shape.id: shape for shape in found.items}
