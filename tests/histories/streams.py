"""What a subscriber was told, message by message, through all its connections."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One message: when it came, where in the log its cursor is, and how the quote is there.

    A quote that is gone has no title, version and likes. Times are of the operations' clock.
    """

    at: int
    place: int
    quote: int
    kind: str
    title: str | None = None
    version: int | None = None
    likes: int | None = None

    @property
    def gone(self) -> bool:
        """Whether it says that the quote was deleted."""
        return self.title is None

    def __str__(self) -> str:
        state = (
            "gone" if self.gone else f"version {self.version}, {self.likes} likes, {self.title!r}"
        )
        return f"{self.at / 1e9:.4f} at {self.place}: {self.kind} quote {self.quote}, {state}"


@dataclass(kw_only=True)
class Connection:
    """One subscription to all quotes; `after` is the place of the cursor that it came back with."""

    after: int | None = None
    told: list[Told] = field(default_factory=list)


@dataclass(kw_only=True)
class Stream:
    """All that one subscriber was told. Its first connection began before the history did."""

    client: str
    connections: list[Connection] = field(default_factory=list)

    def told(self) -> list[Told]:
        """Return all messages, as they came."""
        return [each for connection in self.connections for each in connection.told]
