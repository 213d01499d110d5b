"""What an operator does with dead letters: find them, have them handled again, discard them."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from messaging.brokers.interface import Confirmation, PendingConfirmation, Publisher
from messaging.dead_letters import OPEN
from messaging.errors import BrokerUnavailable
from messaging.events import ID_HEADER, Message
from messaging.models import DeadLetter

log = structlog.get_logger(__name__)

CONFIRM_SECONDS = 30
LOOK_SECONDS = 1.0  # the consumer looks this often for what it is to replay


@dataclass(frozen=True, kw_only=True)
class ChosenLetters:
    """Which dead letters: all that are parked, narrowed by what is given."""

    ids: tuple[int, ...] = ()
    type: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    state: str | None = DeadLetter.State.PARKED

    def rows(self) -> QuerySet[DeadLetter]:
        """Return them, oldest first."""
        filters: dict[str, Any] = {
            "id__in": self.ids or None,
            "type": self.type,
            "reason": self.reason,
            "parked_at__gte": self.since,
            "parked_at__lt": self.until,
            "state": self.state,
        }
        given = {name: value for name, value in filters.items() if value is not None}
        return DeadLetter.objects.filter(**given).order_by("id")


def message_of(letter: DeadLetter, queue: str) -> Message:
    """Return the message as it was, on its way to one queue alone."""
    headers = dict(letter.headers)
    content_type = headers.pop("content_type", "")
    event_id = headers.get(ID_HEADER)
    return Message(
        exchange="",
        routing_key=queue,
        body=bytes(letter.body),
        headers=headers,
        message_id=event_id if isinstance(event_id, str) else None,
        type=letter.type or None,
        content_type=content_type,
    )


def replay(letters: Iterable[DeadLetter], publisher: Publisher, queue: str) -> list[int]:
    """Have messages handled again, under their own ids: an event handled before is not again.

    They go to this service's queue alone. Return the ids of those that were sent. One that the
    consumer parks again at once stays parked, and so does one that can't be sent as it is. Raise
    BrokerUnavailable at the first that the broker does not take now: those before it are done.
    """
    done = []
    for letter in letters:
        confirmation = publisher.send([message_of(letter, queue)]).wait(CONFIRM_SECONDS)
        refusals = confirmation.refused.values() if confirmation else ()
        if any(refusal.lasting for refusal in refusals):
            reasons = [refusal.reason for refusal in refusals]
            log.error("replay_refused", dead_letter=letter.pk, reasons=reasons)
            continue
        if confirmation is None or confirmation.problem is not None:
            problem = confirmation.problem if confirmation else None
            raise BrokerUnavailable(problem or f"no confirm in {CONFIRM_SECONDS} s")
        _close(letter, DeadLetter.State.REPLAYED)
        done.append(letter.pk)
    return done


def request_replay(letters: Iterable[DeadLetter]) -> list[int]:
    """Have the consumer replay messages, for a process that has no broker. Return their ids."""
    done = []
    for letter in letters:
        if _same(letter).filter(state=DeadLetter.State.PARKED).update(state=_REQUESTED):
            done.append(letter.pk)
    log.info("replays_requested", dead_letters=done)
    return done


class RequestedReplays:
    """Sends what `request_replay` asked for, between batches of messages, which never wait for it.

    One at a time, so that it is known which one the broker refuses: that is parked again. What it
    does not confirm for another reason is sent again later.
    """

    def __init__(self, publisher: Publisher, queue: str) -> None:
        self._publisher = publisher
        self._queue = queue
        self._next = time.monotonic()
        self._sent: tuple[DeadLetter, PendingConfirmation] | None = None

    def step(self) -> None:
        """Do a little, if it is time to. Raise BrokerUnavailable if it can't be reached."""
        if self._sent is not None:
            letter, pending = self._sent
            confirmation = pending.wait(0)
            if confirmation is None:
                return
            self._sent = None
            self._settle(letter, confirmation)
        elif time.monotonic() < self._next:
            return
        requested = DeadLetter.objects.filter(state=_REQUESTED).order_by("id").first()
        if requested is None:
            self._next = time.monotonic() + LOOK_SECONDS
        else:
            pending = self._publisher.send([message_of(requested, self._queue)])
            self._sent = requested, pending

    def _settle(self, letter: DeadLetter, confirmation: Confirmation) -> None:
        if confirmation.problem is None:
            _close(letter, DeadLetter.State.REPLAYED)
            return
        reasons = [refusal.reason for refusal in confirmation.refused.values() if refusal.lasting]
        if reasons:
            log.error("replay_refused", dead_letter=letter.pk, reasons=reasons)
            _same(letter).filter(state=_REQUESTED).update(state=DeadLetter.State.PARKED)
        else:
            log.warning("replay_not_confirmed", reason=confirmation.problem)


def discard(letters: Iterable[DeadLetter]) -> list[int]:
    """Give messages up. Their rows stay, as the record of what was discarded and when."""
    done = []
    for letter in letters:
        if _close(letter, DeadLetter.State.DISCARDED):
            done.append(letter.pk)
    return done


def _close(letter: DeadLetter, state: DeadLetter.State) -> bool:
    closed = bool(_same(letter).update(state=state, closed_at=timezone.now()))
    log.info("dead_letter_closed", dead_letter=letter.pk, identity=letter.identity, state=state)
    return closed


def _same(letter: DeadLetter) -> QuerySet[DeadLetter]:
    # One that was parked again meanwhile is a newer failure, which nobody has seen yet.
    return DeadLetter.objects.filter(pk=letter.pk, parked_at=letter.parked_at, state__in=OPEN)


_REQUESTED = DeadLetter.State.REQUESTED
