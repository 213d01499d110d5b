"""A load through the gateway and both services, by clients who record what they were told.

Several clients act as the same user, on the same quotes, and others read all the time. What they
recorded is judged by the rules of `tests/histories`, together with both databases at the end.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.histories.judge import judge
from tests.histories.operations import History, Kind, Outcome
from tests.system.recording import Recorder, Recording
from tests.system.stack import Stack
from tools.children import wait_until

# What one write in a hundred is. Likes come most, as they would.
MIX = {
    Kind.CREATE: 15,
    Kind.UPDATE: 10,
    Kind.DELETE: 5,
    Kind.LIKE: 50,
    Kind.UNLIKE: 20,
}
HOT = 8  # of the newest quotes, on which half of the likes fall
READERS = 2
# What the log says where later messages may overtake others: a retry, a nack, a return.
OVERTAKEN = ("event_failed", "event_refused", "the broker refused it", "returned: ")
PAUSE = 0.05  # seconds, between reads and after a fault, as a client makes


class Load:
    """Keeps `threads` clients busy until stopped. The same seed makes the same choices.

    Nobody reads a `spoilt_replica`.
    """

    def __init__(
        self,
        stack: Stack,
        *,
        seed: int,
        threads: int = 6,
        users: int = 24,
        spoilt_replica: bool = False,
    ) -> None:
        self._spoilt_replica = spoilt_replica
        self.faults = 0  # counted by who injects them
        self.figures: dict[str, int] = {}
        self.recording = Recording()
        self._before = stack.facts()
        self._logged_before = len(stack.logged())
        self._stop = threading.Event()
        self._users = stack.users(users)
        self._stack = stack
        self._own: dict[str, list[int]] = {user.id: [] for user in self._users}
        self._quotes: list[int] = []  # of which nobody has asked the deletion
        self._threads = [
            threading.Thread(
                target=self._run,
                args=[random.Random(seed * 1000 + number), number, number >= threads],  # noqa: S311
                name=f"client {number}",
            )
            for number in range(threads + READERS)
        ]
        self._broken: list[BaseException] = []

    def start(self) -> None:
        """Start the clients."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop them. Raise what one of them met that was no fault of the system."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._broken:
            raise self._broken[0]

    def history(self) -> History:
        """Return what they recorded, and what both databases hold now."""
        logged = self._stack.logged()[self._logged_before :]
        return History(
            operations=self.recording.operations(),
            before=self._before,
            after=self._stack.facts(),
            faulty=True,
            retried=any(words in logged for words in OVERTAKEN),
        )

    def acknowledged(self) -> int:
        """Return how many writes were acknowledged so far."""
        return self.recording.acknowledged

    def wait_for_more(self, count: int, patience: float = 120.0) -> None:
        """Wait until so many more writes have been acknowledged."""
        goal = self.acknowledged() + count
        wait_until(
            lambda: self.acknowledged() >= goal or bool(self._broken),
            patience=patience,
            what=f"{count} more operations acknowledged",
        )

    def _run(self, choose: random.Random, number: int, reads: bool) -> None:
        recorders = [
            Recorder(f"client {number}", user.another_client(), self._stack, self.recording)
            for user in self._users
        ]
        try:
            while not self._stop.is_set():
                recorder = choose.choice(recorders[: len(recorders) // choose.choice([1, 4])])
                well = self._read(choose, recorder) if reads else self._write(choose, recorder)
                if reads or not well:
                    self._stop.wait(PAUSE)
        except BaseException as error:
            self._broken.append(error)
            raise

    def _read(self, choose: random.Random, recorder: Recorder) -> bool:
        quote = self._any_quote(choose)
        ways = [recorder.read, recorder.read_at_quotes]
        if not self._spoilt_replica:
            ways.append(recorder.read_at_likes)
        if quote is not None:
            choose.choice(ways)(quote)
        return True

    def _write(self, choose: random.Random, recorder: Recorder) -> bool:
        """Do one operation; return False if a fault of the system came in between."""
        [kind] = choose.choices(list(MIX), list(MIX.values()))
        own = self._own[recorder.user.id]
        quote = self._any_quote(choose)
        if quote is None or kind is Kind.CREATE or (kind in (Kind.UPDATE, Kind.DELETE) and not own):
            return self._create(recorder, own, twice=choose.random() < 0.2)
        if kind in (Kind.LIKE, Kind.UNLIKE):
            return recorder.like(quote, given=kind is Kind.LIKE) is not Outcome.MAYBE
        quote = choose.choice(own)
        if kind is Kind.UPDATE:
            at_quotes = choose.random() < 0.5
            return recorder.update(quote, at_quotes=at_quotes) is not Outcome.MAYBE
        self._forget(own, quote)
        return recorder.delete(quote) is not Outcome.MAYBE

    def _create(self, recorder: Recorder, own: list[int], *, twice: bool) -> bool:
        """Write a quote, perhaps by two clients at once with one key."""
        quotes = recorder.create(self._stop, clients=2 if twice else 1)
        own += quotes
        self._quotes += quotes
        return bool(quotes)

    def _any_quote(self, choose: random.Random) -> int | None:
        quotes = self._quotes[-HOT:] if choose.random() < 0.5 else self._quotes[:]
        return choose.choice(quotes) if quotes else None

    def _forget(self, own: list[int], quote: int) -> None:
        """Choose the quote no more. (Another client may do so at the same moment.)"""
        for quotes in (own, self._quotes):
            if quote in quotes:
                quotes.remove(quote)


@contextmanager
def under_load(
    stack: Stack,
    *,
    seed: int,
    threads: int = 6,
    spoilt_replica: bool = False,
    wait_until_ready: Callable[[], None] | None = None,
) -> Iterator[Load]:
    """Have a load run meanwhile; then wait until all is at rest, and judge its history.

    `wait_until_ready` is for what runs at the end, if that is not the stack's own.
    """
    parked = stack.dead_letters()  # by an earlier test; what is discarded is kept
    load = Load(stack, seed=seed, threads=threads, spoilt_replica=spoilt_replica)
    load.start()
    try:
        yield load
    finally:
        load.stop()
    (wait_until_ready or stack.product.wait_until_ready)()
    stack.wait_until_agreed()
    load.figures = load.recording.figures() | judge(load.history()) | {"faults": load.faults}
    assert stack.dead_letters() == parked
