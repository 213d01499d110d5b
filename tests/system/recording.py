"""Clients that write down each operation: when they called, when it returned, and with what."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from tests.histories.operations import NEVER, Kind, Operation, Outcome, Place
from tests.system.clients import Refused, User, number_of
from tests.system.stack import Stack

CODE_OF_FAULTS = "upstream_"
ATTEMPTS = 100  # at a create, with the same key, until it is known
_REFUSALS = {
    "already_liked": Outcome.ALREADY_LIKED,
    "not_liked": Outcome.NOT_LIKED,
    "not_found": Outcome.NOT_FOUND,
}


class Recording:
    """What all clients of a load have recorded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._operations: list[Operation] = []
        self.acknowledged = 0

    def add(self, operation: Operation) -> None:
        """Add what is over, or will have no answer."""
        with self._lock:
            self._operations.append(operation)
            is_write = operation.kind is not Kind.READ
            self.acknowledged += is_write and operation.outcome is not Outcome.MAYBE

    def operations(self) -> list[Operation]:
        """Return all of them."""
        return list(self._operations)

    def figures(self) -> dict[str, int]:
        """Return how much was tried, and how much of it was acknowledged or had no answer."""
        reads = sum(one.kind is Kind.READ for one in self._operations)
        tried = len(self._operations) - reads
        return {
            "tried": tried,
            "acknowledged": self.acknowledged,
            "unsure": tried - self.acknowledged,
            "reads": reads,
        }


@dataclass
class Recorder:
    """One client, who acts as one user."""

    client: str
    user: User
    stack: Stack
    recording: Recording

    def create(self, stop: threading.Event, *, clients: int) -> list[int]:
        """Write a quote by so many clients at once with one key; return its id, once known."""
        key, title = uuid.uuid4().hex, f"quote {uuid.uuid4().hex}"
        found: list[int] = []
        others = [
            Recorder(f"{self.client}.{number}", self.user.another_client(), self.stack,
                     self.recording)
            for number in range(1, clients)
        ]  # fmt: skip
        threads = [
            threading.Thread(target=other._create, args=[stop, key, title, found])
            for other in others
        ]
        for thread in threads:
            thread.start()
        self._create(stop, key, title, found)
        for thread in threads:
            thread.join()
        return sorted(set(found))

    def _create(self, stop: threading.Event, key: str, title: str, found: list[int]) -> None:
        with self._operation(Kind.CREATE, key=key, title=title) as told:
            for _ in range(ATTEMPTS):
                outcome = told.ask(lambda: number_of(self.user.create(title, key)))
                if outcome is not Outcome.MAYBE or stop.wait(0.1):
                    break
            if told.answer is not None:
                told.facts["quote"] = told.answer
                found.append(told.answer)

    def update(self, quote: int, *, at_quotes: bool) -> Outcome:
        """Change a quote's text, through the gateway or at Quotes, which tells the version."""
        title = f"changed {uuid.uuid4().hex}"
        place = Place.QUOTES if at_quotes else Place.GATEWAY
        with self._operation(Kind.UPDATE, quote=quote, title=title, place=place) as told:
            if at_quotes:
                url = self.stack.product.url("quotes", f"/quotes/{quote}")
                told.ask(lambda: self.user.rest("PATCH", url, {"title": title}))
                if told.answer is not None:
                    told.facts |= {"version": told.answer["version"], "title": told.answer["title"]}
            else:
                told.ask(lambda: self.user.update(str(quote), title))
        return told.outcome

    def delete(self, quote: int) -> Outcome:
        """Delete a quote."""
        with self._operation(Kind.DELETE, quote=quote) as told:
            told.ask(lambda: self.user.delete(str(quote)))
        return told.outcome

    def like(self, quote: int, *, given: bool) -> Outcome:
        """Like a quote, or take that back."""
        with self._operation(Kind.LIKE if given else Kind.UNLIKE, quote=quote) as told:
            told.ask(lambda: (self.user.like if given else self.user.unlike)(str(quote)))
            if told.answer is not None:
                named = self.user.writes is not None and self.user.writes.named
                told.facts |= {"likes": told.answer, "with_own": named}
        return told.outcome

    def read(self, quote: int) -> None:
        """Read a quote through the gateway."""
        with self._operation(Kind.READ, quote=quote) as told:
            told.ask(lambda: self.user.quote(str(quote)))
            if told.answer is not None:
                shown = told.answer
                told.facts |= {"title": shown["title"], "likes": shown["likes"]}
                counted = self.user.writes is not None and self.user.writes.counted
                told.facts["with_own"] = counted
                told.facts["liked"] = shown["likedByMe"]

    def read_at_quotes(self, quote: int) -> None:
        """Read a quote at Quotes."""
        self._read_at(Place.QUOTES, "quotes", quote)

    def read_at_likes(self, quote: int) -> None:
        """Read the replica of a quote at Likes."""
        self._read_at(Place.LIKES, "likes", quote)

    def _read_at(self, place: Place, process: str, quote: int) -> None:
        with self._operation(Kind.READ, quote=quote, place=place) as told:
            url = self.stack.product.url(process, f"/quotes/{quote}")
            told.ask(lambda: self.user.rest("GET", url))
            if told.answer is not None:
                shown = told.answer
                told.facts |= {"title": shown["title"], "version": shown["version"]}
                told.facts["likes"] = shown.get("likes")

    def _operation(self, kind: Kind, **facts: Any) -> "_Told":
        return _Told(self, kind, facts)


class _Told:
    """An operation while it is under way; it is recorded at the end of its block."""

    def __init__(self, recorder: Recorder, kind: Kind, facts: dict[str, Any]) -> None:
        self._recorder, self._kind = recorder, kind
        self.facts = facts
        self.outcome = Outcome.MAYBE
        self.answer: Any = None

    def __enter__(self) -> "_Told":
        self._called = time.monotonic_ns()
        return self

    def ask(self, ask: Callable[[], Any]) -> Outcome:
        """Ask, and take note of the answer. Raise what is neither an answer nor a fault."""
        try:
            self.answer = ask()
        except (Refused, requests.RequestException, ValueError) as error:
            self.outcome = outcome_of(error)
        else:
            self.outcome = Outcome.DONE
        return self.outcome

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        is_read = self._kind is Kind.READ
        if error is not None or (is_read and self.outcome is Outcome.MAYBE):
            return  # a read without an answer says nothing
        returned = NEVER if self.outcome is Outcome.MAYBE else time.monotonic_ns()
        self._recorder.recording.add(
            Operation(
                client=self._recorder.client,
                user=number_of(self._recorder.user.id),
                kind=self._kind,
                called=self._called,
                returned=returned,
                outcome=self.outcome,
                **self.facts,
            )
        )


def outcome_of(error: Exception) -> Outcome:
    """Return what an error tells a client. Raise it unless it is a refusal or a system's fault.

    The clients do nothing wrong.
    """
    if isinstance(error, Refused):
        text = str(error).lower()
        for code, outcome in _REFUSALS.items():
            if code in text:
                return outcome
        if CODE_OF_FAULTS not in text:
            raise error
    return Outcome.MAYBE
