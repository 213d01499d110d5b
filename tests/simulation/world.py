"""The product as the simulation runs it: its processes, and what the real ones are given."""

import random
import types
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from django.conf import settings

from likes_service import clients
from likes_service.replica import QuoteState
from messaging import consumer, events, faults, health, pruning, relay, replays
from messaging.brokers.interface import Broker, Subscriber
from messaging.health import Health
from messaging.leadership import Leadership
from quotes_service import reads
from tests.simulation.broker import SimulatedBroker
from tests.simulation.databases import SERVICES, Databases
from tests.simulation.mischief import Mischief
from tests.simulation.scheduler import Process, Scheduler
from tests.simulation.settings import MESSAGING_OF

_START = datetime(2030, 1, 1, tzinfo=UTC)
RESTART_SECONDS = 0.4  # from a death to the next start
Works = Callable[[Broker, Health, "Stop"], None]


class Stop:
    """What `threading.Event` is to a relay or consumer, by the virtual clock."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._is_set = False

    def is_set(self) -> bool:
        """Return whether it was told to stop. Asking is a step at which a process may die."""
        self._world.step()
        if not self._is_set and self._world.mischief.strikes("stop"):
            self._is_set = True
        return self._is_set

    def wait(self, timeout: float) -> bool:
        """Wait for it."""
        return self._world.scheduler.wait(lambda: self._is_set, timeout)


class _Leadership:
    """The turn to publish, of the relays of one service."""

    def __init__(self, world: "World") -> None:
        self._world = world
        assert world.scheduler.current is not None
        self._service = world.scheduler.current.service
        self._seen = -1

    def acquire(self) -> bool:
        """See Leadership."""
        return self._world.leaders.setdefault(self._service, self) is self

    def wait(self, timeout: float) -> bool:
        """See Leadership."""
        writes = self._world.databases.outbox_writes
        self._world.scheduler.wait(lambda: writes[self._service] != self._seen, timeout)
        news = writes[self._service] != self._seen
        self._seen = writes[self._service]
        return news

    def close(self) -> None:
        """Let another have it."""
        if self._world.leaders.get(self._service) is self:
            del self._world.leaders[self._service]


class _HeldMessages:
    """Writes nothing down: what a batch holds for long is of no interest here."""

    def __enter__(self) -> "_HeldMessages":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    @contextmanager
    def by(self, subscriber: Subscriber) -> Iterator[None]:
        yield


class World:
    """One product, from a seed. Use it as a context, one at a time."""

    def __init__(self, databases: Databases, mischief: Mischief) -> None:
        self.databases, self.mischief = databases, mischief
        self.scheduler = Scheduler(mischief.choose, self._enter)
        self.broker = SimulatedBroker(self.scheduler, mischief)
        self.leaders: dict[str, _Leadership] = {}
        self._service: str | None = None  # whose database and settings all code sees
        self._patches = ExitStack()

    def __enter__(self) -> "World":
        self.databases.empty()
        self.databases.fail_by(self._strikes, self.step)
        random.seed(self.mischief.choose.random())  # of the pauses
        uuids = types.SimpleNamespace(
            uuid4=lambda: uuid.UUID(int=self.mischief.choose.getrandbits(128), version=4)
        )
        clock = types.SimpleNamespace(
            monotonic=self.scheduler.now,
            time_ns=lambda: round(self._time().timestamp() * 1e9),
            sleep=lambda seconds: self.scheduler.wait(lambda: False, seconds),
        )
        for module in (relay, consumer, pruning, replays, health):
            self._patches.enter_context(patch.object(module, "time", clock))
        for target, name, value in [
            (events, "uuid", uuids),
            (relay, "leadership", self._leadership),
            (consumer, "HeldMessages", _HeldMessages),
            (faults, "reach", self._reach),
            (clients, "fetch_quote", self._fetch_quote),
        ]:
            self._patches.enter_context(patch.object(target, name, value))
        self._patches.enter_context(patch("django.utils.timezone.now", self._time))
        for service in SERVICES:
            self._keep(f"{service}-relay", service, self._relay)
            self._keep(f"{service}-consumer", service, self._consumer)
        return self

    def __exit__(self, *error: object) -> None:
        self.mischief.quiet()
        self.scheduler.end_all()
        self._patches.close()

    def _time(self) -> datetime:
        return _START + timedelta(seconds=self.scheduler.now())

    def _enter(self, process: Process) -> None:
        """Have all code see the database and the settings of a process's service."""
        self.use(process.service)

    def use(self, service: str) -> None:
        """Be of one service."""
        if service != self._service:
            self._service = service
            self.databases.use(service)
            settings.MESSAGING = MESSAGING_OF[service]

    def _strikes(self, name: str) -> bool:
        return self.scheduler.current is not None and self.mischief.strikes(name)

    def step(self, kind: str = "crash") -> None:
        """A process takes a step, at which it may die."""
        self.scheduler.check_alive()
        if self._strikes(kind):
            self.scheduler.kill()

    def _reach(self, point: str) -> None:
        self.step()
        if point == "after_handling" and self._strikes("handler"):
            raise RuntimeError("a handler failed")

    @contextmanager
    def _leadership(self) -> Iterator[Leadership]:
        competitor = _Leadership(self)
        try:
            yield competitor
        finally:
            competitor.close()

    def _keep(self, name: str, service: str, work: Callable[[], None]) -> None:
        """Run a process, and start it again whenever it has ended."""

        def run() -> None:
            try:
                work()
            finally:
                self.scheduler.after(RESTART_SECONDS, start)

        def start() -> None:
            self.scheduler.spawn(name, service, run)

        start()

    def _relay(self) -> None:
        relay.Relay(self.broker, Health(), Stop(self)).run()  # type: ignore[arg-type]

    def _consumer(self) -> None:
        consumer.Consumer(self.broker, Health(), Stop(self)).run()  # type: ignore[arg-type]

    def _fetch_quote(self, quote_id: int) -> QuoteState | None:
        """Ask Quotes, as Likes does over REST."""
        self.use("quotes")
        try:
            found = reads.quote_with_applied(quote_id)
        finally:
            self.use("likes")
        return None if found is None else QuoteState.parse(found)

    def go_on(self, seconds: float) -> None:
        """Let so much time pass."""
        end = self.scheduler.now() + seconds
        self.scheduler.run_until(lambda: self.scheduler.now() >= end, most=2 * seconds + 1)

    def at_rest(self) -> bool:
        """Return whether all that was published is handled."""
        return self.broker.queues.all_empty() and not any(
            self.databases.rows(service, "SELECT 1 FROM messaging_outbox LIMIT 1")
            for service in SERVICES
        )
