"""One operation of a client, as the client knows it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from tests.histories.streams import Stream

NEVER = 2**63  # when an operation returned whose effect may still come
FIRST = 0


class Kind(Enum):
    """What was asked for."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    LIKE = "like"
    UNLIKE = "unlike"
    READ = "read"


class Outcome(Enum):
    """What the client was told."""

    DONE = "done"
    MAYBE = "no answer"  # it may have happened, or may happen yet
    ALREADY_LIKED = "already liked"
    NOT_LIKED = "not liked"
    NOT_FOUND = "not found"


class Place(Enum):
    """Which process was asked."""

    GATEWAY = "gateway"
    QUOTES = "Quotes"
    LIKES = "Likes"


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """Who asked for what, when, and what the answer was. Times are of one clock, in nanoseconds.

    `likes`, `liked`, `title` and `version` are what the answer showed; of a create or update the
    title is also what was asked for. Titles are unique. `key` is an idempotency key. `with_own` is
    what the answer says of its count: that it has what this client has written.
    """

    client: str
    user: int
    kind: Kind
    called: int
    returned: int
    outcome: Outcome = Outcome.DONE
    quote: int | None = None
    place: Place = Place.GATEWAY
    title: str | None = None
    version: int | None = None
    likes: int | None = None
    liked: bool | None = None
    key: str | None = None
    with_own: bool = False

    def overlaps(self, other: "Operation") -> bool:
        """Return whether neither had returned when the other was called."""
        return self.called <= other.returned and other.called <= self.returned

    def __str__(self) -> str:
        shown = {"liked": self.liked, "likes": self.likes, "version": self.version}
        told = [f"{name} {value}" for name, value in shown.items() if value is not None]
        if self.title is not None:
            told.append(repr(self.title))
        if self.key is not None:
            told.append(f"key {self.key}")
        if self.with_own and self.kind is Kind.READ:
            told.append("with its own")
        end = "…" if self.returned >= NEVER else f"{self.returned / 1e9:.4f}"
        about = "" if self.quote is None else f" of quote {self.quote}"
        return (
            f"{self.called / 1e9:12.4f} → {end:<12} {self.client}, user {self.user}: "
            f"{self.kind.value}{about} at {self.place.value} → {self.outcome.value}"
            f"{'; ' if told else ''}{', '.join(told)}"
        )


@dataclass(kw_only=True)
class Facts:
    """What both databases hold while nothing is under way."""

    quotes: dict[int, tuple[str, int, int]] = field(default_factory=dict)  # title, version, likes
    replica: dict[int, tuple[str, int]] = field(default_factory=dict)  # title, version
    likes: set[tuple[int, int]] = field(default_factory=set)  # user, quote


@dataclass(kw_only=True)
class History:
    """What happened between two moments of rest.

    In a `faulty` one connections broke: the gateway may have sent a like twice. In a `retried` one
    messages waited for a retry, or the broker refused some of a batch, which were sent again: later
    ones of the same user and quote have overtaken them.
    """

    operations: list[Operation]
    streams: list[Stream] = field(default_factory=list)
    before: Facts = field(default_factory=Facts)
    after: Facts | None = None
    faulty: bool = False
    retried: bool = False

    def of_kind(self, *kinds: Kind) -> list[Operation]:
        """Return the operations of these kinds, in the order of their calls."""
        return [operation for operation in self.operations if operation.kind in kinds]

    def deletions_called(self) -> dict[int, int]:
        """Return when somebody first asked for a quote's deletion, for each that may be gone."""
        called: dict[int, int] = {}
        for one in self.of_kind(Kind.DELETE):
            if one.quote is not None and one.outcome in (Outcome.DONE, Outcome.MAYBE):
                called[one.quote] = min(one.called, called.get(one.quote, NEVER))
        return called


class Effect(Enum):
    """What a user has of it."""

    LOST = "lost"
    DOUBLED = "doubled"
    UNTRUE = "untrue"  # somebody was told what can't have been


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A promise that was not kept, and the shortest history that shows it."""

    effect: Effect
    what: str
    operations: tuple[Operation, ...] = ()

    @classmethod
    def of(cls, effect: Effect, what: str, operations: Iterable[Operation]) -> "Violation":
        """Return one with its operations in the order of their calls."""
        ordered = sorted(operations, key=lambda operation: operation.called)
        return cls(effect=effect, what=what, operations=tuple(ordered))

    def __str__(self) -> str:
        return "\n".join([f"{self.effect.value}: {self.what}", *map(str, self.operations)])
