"""A load of writes through the gateway, by users who write down what was acknowledged.

Each thread has users of its own, and one user does one thing at a time, so that after each
operation the record says what must hold: a thing that was acknowledged holds; one that failed
may hold or not, until the same thing is tried again.
"""

import random
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

import requests

from tests.system.clients import Refused, User, number_of
from tests.system.stack import Stack
from tools.children import wait_until

# What one operation in a hundred is. Likes come most, as they would.
MIX = {"create": 15, "update": 10, "delete": 5, "like": 50, "unlike": 20}
CODE_OF_FAULTS = "UPSTREAM_"


class Known(Enum):
    """What a client knows of a thing that it has asked for."""

    YES = "acknowledged"
    NO = "withdrawn, or never asked for"
    UNSURE = "asked for, without an answer"


@dataclass
class Record:
    """What was acknowledged, and what may have happened besides."""

    titles_before: set[str] = field(default_factory=set)
    titles: dict[int, set[str]] = field(default_factory=dict)  # several while one is unsure
    deleted: dict[int, Known] = field(default_factory=dict)
    likes: dict[tuple[int, int], Known] = field(default_factory=dict)  # by (user, quote)
    unsure_creates: set[str] = field(default_factory=set)  # titles
    tried: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)

    def alive(self) -> list[int]:
        """Return the quotes of which nobody has asked the deletion."""
        return [quote for quote in list(self.titles) if quote not in self.deleted]


class Load:
    """Keeps `threads` clients busy until stopped. The same seed makes the same choices."""

    def __init__(self, stack: Stack, *, seed: int, threads: int = 6, users: int = 24) -> None:
        self.faults = 0  # counted by who injects them
        self.figures: dict[str, int] = {}
        self.record = Record({title for title, _ in stack.quotes().values()})
        self._lock = threading.Lock()
        self._stop = threading.Event()
        everybody = stack.users(users)
        self._threads = [
            threading.Thread(
                target=self._run,
                args=[random.Random(seed * 1000 + number), everybody[number::threads]],  # noqa: S311
                name=f"client {number}",
            )
            for number in range(threads)
        ]
        self._broken: list[BaseException] = []

    def start(self) -> None:
        """Start the clients."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> Record:
        """Stop them, and return what they wrote down."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._broken:
            raise self._broken[0]
        return self.record

    def acknowledged(self) -> int:
        """Return how many operations were acknowledged so far."""
        return sum(self.record.acknowledged.values())

    def wait_for_more(self, count: int, patience: float = 120.0) -> None:
        """Wait until so many more operations have been acknowledged."""
        goal = self.acknowledged() + count
        wait_until(
            lambda: self.acknowledged() >= goal or bool(self._broken),
            patience=patience,
            what=f"{count} more operations acknowledged",
        )

    def _run(self, choose: random.Random, users: list[User]) -> None:
        own: dict[str, list[int]] = {user.id: [] for user in users}
        try:
            while not self._stop.is_set():
                user = choose.choice(users)
                [operation] = choose.choices(list(MIX), list(MIX.values()))
                if not self._one(operation, choose, user, own[user.id]):
                    self._stop.wait(0.05)  # as a client does that met a fault
        except BaseException as error:
            self._broken.append(error)
            raise

    def _one(self, operation: str, choose: random.Random, user: User, own: list[int]) -> bool:
        """Do one operation; False if a fault of the system came in between."""
        alive = own if operation in ("update", "delete") else self.record.alive()
        if operation != "create" and not alive:
            operation = "create"
        self.record.tried[operation] += 1
        if operation == "create":
            done = self._create(user, own)
        elif operation == "update":
            done = self._update(user, choose.choice(own))
        elif operation == "delete":
            done = self._delete(user, own, choose.choice(own))
        else:
            done = self._like(operation, user, choose.choice(alive))
        if done:
            with self._lock:
                self.record.acknowledged[operation] += 1
        return done

    def _create(self, user: User, own: list[int]) -> bool:
        title = f"quote {uuid.uuid4().hex}"
        key = uuid.uuid4().hex
        for _ in range(100):  # with the same key, until it is known
            try:
                quote_id = number_of(user.create(title, key))
            except (Refused, requests.RequestException, ValueError) as error:
                _only_faults(error)
                if self._stop.wait(0.1):
                    break
            else:
                self.record.titles[quote_id] = {title}
                own.append(quote_id)
                return True
        self.record.unsure_creates.add(title)
        return False

    def _update(self, user: User, quote_id: int) -> bool:
        title = f"changed {uuid.uuid4().hex}"
        before = self.record.titles[quote_id]
        self.record.titles[quote_id] = before | {title}
        try:
            user.update(str(quote_id), title)
        except (Refused, requests.RequestException, ValueError) as error:
            _only_faults(error)
            return False
        self.record.titles[quote_id] = {title}
        return True

    def _delete(self, user: User, own: list[int], quote_id: int) -> bool:
        own.remove(quote_id)
        self.record.deleted[quote_id] = Known.UNSURE
        try:
            user.delete(str(quote_id))
        except (Refused, requests.RequestException, ValueError) as error:
            _only_faults(error)
            return False
        self.record.deleted[quote_id] = Known.YES
        return True

    def _like(self, operation: str, user: User, quote_id: int) -> bool:
        pair = (number_of(user.id), quote_id)
        given = operation == "like"
        before = self.record.likes.get(pair, Known.NO)
        self.record.likes[pair] = Known.UNSURE
        try:
            (user.like if given else user.unlike)(str(quote_id))
        except (Refused, requests.RequestException, ValueError) as error:
            if not _says(error, "ALREADY_LIKED" if given else "NOT_LIKED"):
                if _says(error, "NOT_FOUND"):  # deleted meanwhile
                    return True
                _only_faults(error)
                return False
            expected = (Known.YES, Known.UNSURE) if given else (Known.NO, Known.UNSURE)
            assert before in expected, f"{operation} of {pair} is refused, and it was {before}"
        self.record.likes[pair] = Known.YES if given else Known.NO
        return True


def _says(error: Exception, code: str) -> bool:
    return isinstance(error, Refused) and code.lower() in str(error).lower()


def _only_faults(error: Exception) -> None:
    """Let a fault of the system pass, and nothing else: the clients do nothing wrong."""
    if isinstance(error, Refused) and not _says(error, CODE_OF_FAULTS):
        raise error


@contextmanager
def under_load(stack: Stack, *, seed: int, threads: int = 6) -> Iterator[Load]:
    """Have a load run meanwhile; then wait until all is at rest, and check the books."""
    load = Load(stack, seed=seed, threads=threads)
    load.start()
    try:
        yield load
    finally:
        record = load.stop()
    stack.product.wait_until_ready()
    stack.wait_until_agreed()
    load.figures = check_books(stack, record) | {"faults": load.faults}


def check_books(stack: Stack, record: Record) -> dict[str, int]:
    """Compare what was written down with both databases; return the figures, or fail."""
    quotes, replica, likes = stack.quotes(), stack.replica(), stack.pairs()
    lost: list[str] = []
    doubled: list[str] = []
    for quote_id, titles in record.titles.items():
        if quote_id not in record.deleted:
            if quote_id not in quotes or quote_id not in replica:
                lost.append(f"quote {quote_id}")
            elif quotes[quote_id][0] not in titles or replica[quote_id] not in titles:
                lost.append(f"the text of quote {quote_id}")
        elif record.deleted[quote_id] is Known.YES and (quote_id in quotes or quote_id in replica):
            doubled.append(f"quote {quote_id} is back")
    for pair, known in record.likes.items():
        gone = pair[1] in record.deleted
        if known is Known.YES and pair not in likes and not gone:
            lost.append(f"like {pair}")
        if known is Known.NO and pair in likes:
            doubled.append(f"unlike {pair} undone")
    titles_now = Counter(title for title, _ in quotes.values())
    doubled += [f"{title!r} {count} times" for title, count in titles_now.items() if count > 1]
    counts = Counter(quote_id for _, quote_id in likes)
    for quote_id, (_, count) in quotes.items():
        if count != counts[quote_id]:
            (lost if count < counts[quote_id] else doubled).append(f"count of quote {quote_id}")
    known_titles = {title for titles in record.titles.values() for title in titles}
    asked = known_titles | record.unsure_creates | record.titles_before
    unasked = set(titles_now) - asked
    figures = {
        "tried": sum(record.tried.values()),
        "acknowledged": sum(record.acknowledged.values()),
        "lost": len(lost),
        "doubled": len(doubled),
    }
    assert not lost, f"{figures}: lost {lost[:10]}"
    assert not doubled, f"{figures}: doubled {doubled[:10]}"
    assert not unasked, f"{figures}: nobody wrote {list(unasked)[:10]}"
    assert stack.dead_letters() == []
    return figures
