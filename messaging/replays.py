"""What an operator does with dead letters: find them, have them handled again, discard them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from messaging.brokers.interface import Publisher
from messaging.errors import BrokerUnavailable
from messaging.events import ID_HEADER, Message
from messaging.models import DeadLetter

log = structlog.get_logger(__name__)

CONFIRM_SECONDS = 30


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


def discard(letters: Iterable[DeadLetter]) -> list[int]:
    """Give messages up. Their rows stay, as the record of what was discarded and when."""
    done = []
    for letter in letters:
        if _close(letter, DeadLetter.State.DISCARDED):
            done.append(letter.pk)
    return done


def _close(letter: DeadLetter, state: DeadLetter.State) -> bool:
    # One that was parked again meanwhile is a newer failure, which nobody has seen yet.
    same = DeadLetter.objects.filter(
        pk=letter.pk, parked_at=letter.parked_at, state=DeadLetter.State.PARKED
    )
    closed = bool(same.update(state=state, closed_at=timezone.now()))
    log.info("dead_letter_closed", dead_letter=letter.pk, identity=letter.identity, state=state)
    return closed
