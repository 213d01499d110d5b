"""All subscriptions of the process: how many there may be, for how long, and how they end."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Executor

import structlog
from django.conf import settings

from gateway.error_codes import ErrorCode
from gateway.live.endings import Ending, Endings
from gateway.live.groups import Group, Texts
from gateway.live.hub import Hub
from gateway.live.opening import Opening
from gateway.live.subscriber import Notice, Subscriber
from identity.standing import ENDED

HEARTBEAT_SECONDS = 10.0  # proxies close what is silent for longer, by default after a minute
# A reader that takes nothing for so long, with its socket full, is gone or stuck.
STALL_SECONDS = 30.0
# When the process stops, clients are told one after another within this time; it is half of what
# they then wait before they come back, so that another process doesn't get all of them at once.
DRAIN_SECONDS = 3.0

logger = structlog.get_logger(__name__)


class NotNow(Exception):
    """No subscription can begin now: the client is to come back after `retry_after` seconds."""

    code = ErrorCode.RATE_LIMITED
    status = 429
    retry_after = 5


class TooManySubscriptions(NotNow):
    """The process, or the caller, has as many as there may be."""


class NotYetFollowing(NotNow):
    """The process has just started and doesn't know yet where the log ends."""

    code = ErrorCode.UPSTREAM_UNAVAILABLE
    status = 503
    retry_after = 1


class Subscriptions:
    """Opens and closes subscriptions, and ends those whose time is up."""

    def __init__(self, hub: Hub, pool: Executor) -> None:
        self._hub = hub
        self._texts = Texts(pool)
        self._groups: dict[Hashable, Group] = {}
        self._callers: Counter[str] = Counter()
        self._open: set[Subscriber] = set()
        self._endings = Endings()
        self._draining = False
        self.when_drained: set[Callable[[], object]] = set()  # what ends a connection that is idle

    def open(self, opening: Opening) -> Subscriber:
        """Begin a subscription. Raise NotNow."""
        if self._draining:
            raise TooManySubscriptions("This process is about to stop: come back at once.")
        if len(self._open) >= settings.LIVE_MAX_SUBSCRIPTIONS:
            raise TooManySubscriptions("There are too many subscriptions here: come back later.")
        if self._callers[opening.rate_key] >= settings.LIVE_MAX_PER_CALLER:
            message = f"You have {settings.LIVE_MAX_PER_CALLER} subscriptions: end one of them."
            raise TooManySubscriptions(message)
        if opening.numbers is None and opening.after is None and not self._hub.followed:
            # What is written until then would be missed, and nobody told.
            raise NotYetFollowing("The log of changes can't be read yet: come back at once.")
        now = time.monotonic()
        group = self._group(opening)
        group.members += 1
        # Those that began together don't end together.
        lifetime = settings.LIVE_LIFETIME.total_seconds() * random.uniform(0.9, 1)  # noqa: S311
        subscriber = Subscriber(group, opening, ends_at=now + lifetime)
        subscriber.told_at = now
        self._open.add(subscriber)
        self._callers[opening.rate_key] += 1
        self._hub.join(subscriber)
        if self._endings.concern(opening.caller):
            _end_token(subscriber, ENDED)
        return subscriber

    def end_tokens(self, endings: Iterable[Ending]) -> None:
        """End the subscriptions of those whose tokens hold no longer, whatever they ask for."""
        for ending in endings:
            self._endings.add(ending)
        for subscriber in self._open:
            if self._endings.concern(subscriber.caller):
                _end_token(subscriber, ENDED)

    def close(self, subscriber: Subscriber) -> None:
        """Forget a subscription, whoever has ended it."""
        if subscriber not in self._open:
            return
        self._open.remove(subscriber)
        self._hub.leave(subscriber)
        self._callers[subscriber.rate_key] -= 1
        if not self._callers[subscriber.rate_key]:
            del self._callers[subscriber.rate_key]
        group = subscriber.group
        group.members -= 1
        if not group.members:
            self._groups.pop(group.key, None)

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self._open)

    async def watch(self) -> None:
        """Send signs of life and end what is over, until cancelled."""
        while True:
            await asyncio.sleep(1)
            for subscriber in list(self._open):
                self._look_at(subscriber, time.monotonic())

    def _look_at(self, subscriber: Subscriber, now: float) -> None:
        ends_at, sending_since = subscriber.token_ends_at, subscriber.sending_since
        if ends_at is not None and time.time() >= ends_at:
            _end_token(subscriber, "The token has expired.")
        elif now >= subscriber.ends_at:
            message = "The subscription has lasted long enough: subscribe again."
            subscriber.end(ErrorCode.RESUBSCRIBE, message, "lifetime")
        elif sending_since is not None:
            if now - sending_since > STALL_SECONDS and subscriber.cut is not None:
                logger.info("stalled_reader_cut", seconds=round(now - sending_since))
                subscriber.cut()
        elif now - subscriber.told_at > HEARTBEAT_SECONDS:
            subscriber.told_at = now
            subscriber.notify(Notice())

    async def drain(self) -> None:
        """Tell all to come back, one after another, and take no more."""
        self._draining = True
        waiting = list(self._open)
        random.shuffle(waiting)
        for place, subscriber in enumerate(waiting):
            message = "This process is about to stop: subscribe again."
            retry_after = 2 * DRAIN_SECONDS * random.random()  # noqa: S311
            subscriber.end(ErrorCode.RESUBSCRIBE, message, "shutdown", retry_after)
            if place % 20 == 19:
                await asyncio.sleep(DRAIN_SECONDS * 20 / len(waiting))
        for end in list(self.when_drained):
            end()

    def _group(self, opening: Opening) -> Group:
        group = Group(opening.subscribed, opening.token, self._texts)
        return self._groups.setdefault(group.key, group)


def _end_token(subscriber: Subscriber, message: str) -> None:
    subscriber.end(ErrorCode.UNAUTHENTICATED, message, "token")
