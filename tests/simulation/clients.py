"""Simulated users, who do what the gateway would do for them, and record what they were told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from database.faults import DATABASE_FAULTS
from identity.tokens import Caller
from likes_service import domain as likes
from likes_service.errors import AlreadyLiked, NotLiked, QuoteNotFound, QuotesUnavailable
from likes_service.models import Like
from likes_service.recent_events import RecentEvent
from quotes_service import domain as quotes
from quotes_service import reads
from rest.errors import NotFound
from tests.histories.operations import NEVER, Kind, Operation, Outcome, Place
from tests.simulation.scheduler import Killed
from tests.simulation.world import World

_REFUSALS: dict[type[Exception], Outcome] = {
    AlreadyLiked: Outcome.ALREADY_LIKED,
    NotLiked: Outcome.NOT_LIKED,
    QuoteNotFound: Outcome.NOT_FOUND,
    NotFound: Outcome.NOT_FOUND,
}
_NO_ANSWER: tuple[type[Exception], ...] = (*DATABASE_FAULTS, QuotesUnavailable)


@dataclass
class Clients:
    """So many users, and what was recorded."""

    world: World
    users: int
    operations: list[Operation] = field(default_factory=list)
    _known: list[int] = field(default_factory=list)
    _moments: int = 0
    # The events of the last change of each client, user and quote: its token.
    _written: dict[tuple[str, int, int], Sequence[RecentEvent]] = field(default_factory=dict)

    def start(self, count: int, each: int) -> None:
        """Have so many clients do so many operations each."""
        for number in range(1, count + 1):
            name = f"client-{number}"
            self.world.scheduler.spawn(name, "quotes", partial(self._run, number, each))

    def busy(self) -> bool:
        """Return whether any still has something to do."""
        return any(one.name.startswith("client-") for one in self.world.scheduler.processes)

    def _run(self, number: int, each: int) -> None:
        choose = self.world.mischief.choose
        for turn in range(each):
            self._pause()
            user = choose.randint(1, self.users)
            kind = choose.choice(
                [Kind.LIKE, Kind.LIKE, Kind.LIKE, Kind.UNLIKE, Kind.UNLIKE, Kind.READ, Kind.UPDATE,
                 Kind.UPDATE, Kind.CREATE, Kind.DELETE]
            )  # fmt: skip
            if not self._known:
                kind = Kind.CREATE
            quote = choose.choice(self._known) if kind is not Kind.CREATE else None
            title = f"{number}.{turn}" if kind in (Kind.CREATE, Kind.UPDATE) else None
            self._do(f"client {number}", user, kind, quote, title)

    def _pause(self) -> None:
        seconds = self.world.mischief.choose.choice([0.0, 0.01, 0.1, 0.4])
        self.world.scheduler.wait(lambda: False, seconds)

    def _moment(self) -> int:
        self._moments += 1_000_000_000  # printed as a second: what counts is the order
        return self._moments

    def _do(self, client: str, user: int, kind: Kind, quote: int | None, title: str | None) -> None:
        facts: dict[str, Any] = {"quote": quote, "title": title}
        if kind is Kind.DELETE and quote in self._known:
            self._known.remove(quote)  # nobody chooses it any more
        called = self._moment()
        outcome = self._ask(lambda: facts.update(_ACTIONS[kind](self, user, quote, title)))
        is_read = kind is Kind.READ
        if is_read and outcome is Outcome.MAYBE:
            return
        if kind is Kind.CREATE and outcome is Outcome.DONE:
            self._known.append(facts["quote"])
        returned = NEVER if outcome is Outcome.MAYBE else self._moment()
        self.operations.append(
            Operation(
                client=client, user=user, kind=kind, called=called, returned=returned,
                outcome=outcome, **facts,
            )
        )  # fmt: skip

    def _ask(self, ask: Callable[[], None]) -> Outcome:
        """Ask a web process, which may die meanwhile; the client lives on."""
        current = self.world.scheduler.current
        assert current is not None
        try:
            ask()
        except (AlreadyLiked, NotLiked, QuoteNotFound, NotFound) as refusal:
            return _REFUSALS[type(refusal)]
        except _NO_ANSWER:
            return Outcome.MAYBE
        except Killed:
            current.dead = False
            return Outcome.MAYBE
        return Outcome.DONE

    def _create(self, user: int, quote: int | None, title: str | None) -> dict[str, Any]:
        self.world.use("quotes")
        created = quotes.create_quote_once(user_id=user, key=f"key {title}", title=title or "")[0]
        return {"quote": created.id, "version": created.version, "key": f"key {title}"}

    def _update(self, user: int, quote: int | None, title: str | None) -> dict[str, Any]:
        self.world.use("quotes")
        staff = Caller(user_id=user, staff=True)
        changed = quotes.update_quote(quote_id=quote or 0, caller=staff, title=title)
        return {"version": changed.version, "place": Place.QUOTES}

    def _delete(self, user: int, quote: int | None, title: str | None) -> dict[str, Any]:
        self.world.use("quotes")
        quotes.delete_quote(quote_id=quote or 0, caller=Caller(user_id=user, staff=True))
        return {}

    def _like(self, user: int, quote: int | None, title: str | None) -> dict[str, Any]:
        return self._change_like(likes.like_quote, user, quote or 0)

    def _unlike(self, user: int, quote: int | None, title: str | None) -> dict[str, Any]:
        return self._change_like(likes.unlike_quote, user, quote or 0)

    def _change_like(
        self, change: Callable[..., likes.LikeChange], user: int, quote: int
    ) -> dict[str, Any]:
        """Change it at Likes, and count it at Quotes a little later: as the gateway does."""
        self.world.use("likes")
        recent = change(user_id=user, quote_id=quote).events
        self._pause()
        found = self._counted(quote, recent)
        self._written[self._name(), user, quote] = recent
        return {"likes": found["likes"], "with_own": True}

    def _counted(self, quote: int, written: Sequence[RecentEvent]) -> dict[str, Any]:
        """Read a quote whose count has these events, as the gateway does."""
        self.world.use("quotes")
        asked = [reads.AskedEvent(event.id, event.sequence) for event in written]
        found = reads.quote_with_applied(quote, asked)
        if found is None:
            raise NotFound("There is no such quote.")
        if not asked:
            return found
        to_come = [one.likes for one in written if one.id not in found["applied_events"]]
        return found | {"likes": max(0, found["stored_likes"] + sum(to_come))}

    def _name(self) -> str:
        current = self.world.scheduler.current
        assert current is not None
        return current.name

    def _read(self, user: int, quote: int | None, title: str | None) -> dict[str, Any]:
        written = self._written.get((self._name(), user, quote or 0), ())
        found = self._counted(quote or 0, written)
        self._pause()
        self.world.use("likes")
        liked = Like.objects.filter(user_id=user, quote_id=quote or 0).exists()
        shown = {"title": found["title"], "likes": found["likes"], "liked": liked}
        return shown | {"with_own": bool(written)}


_ACTIONS: dict[Kind, Callable[..., dict[str, Any]]] = {
    Kind.CREATE: Clients._create,
    Kind.UPDATE: Clients._update,
    Kind.DELETE: Clients._delete,
    Kind.LIKE: Clients._like,
    Kind.UNLIKE: Clients._unlike,
    Kind.READ: Clients._read,
}
