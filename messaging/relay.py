"""The relay: moves events from the outbox to the broker, in order, losing none.

It holds no cursor, since ids commit out of order. It reads what is there, and deletes what the
broker has confirmed. After a nack, a return or a lost connection it sends again from the first
event that was not confirmed. Consumers know the repeated ones by their id. An event that the broker
goes on refusing is set aside, and all of other subjects go on.
"""

import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.db import connection
from django.utils import timezone

from database.faults import DATABASE_FAULTS
from database.readiness import check_writable
from messaging import faults, journal, outbox, traced
from messaging.backoff import Backoff
from messaging.brokers.interface import Broker, PendingConfirmation, Publisher
from messaging.conf import messaging_settings
from messaging.destinations import addressed, done_with, refusals
from messaging.errors import BrokerUnavailable, EventRefused
from messaging.health import Health
from messaging.leadership import Leadership, leadership
from messaging.pruning import JournalPruning
from messaging.set_aside import Refusals, count_set_aside

log = structlog.get_logger(__name__)

# NOTIFY is a hint that can be lost. The outbox is looked at this often anyway.
POLL_SECONDS = 1.0
# A channel that was told once that a quorum queue is full refuses by itself until it is told
# otherwise. It is not when the queue's limit is lifted: a new one asks. So often while refused:
REOPEN_SECONDS = 5.0
# After a wake-up, let the commits of the same moment gather. Longer saves little more, and every
# event waits for it.
GATHER_SECONDS = 0.002
# Confirmed rows are deleted once the next ones are sent, or after this time without any.
LINGER_SECONDS = 0.05
LINGERING = 10  # more rows than this don't wait
# While there is more and more, a line of the log says what was published no more often than this.
LOG_SECONDS = 0.25
# Batches sent and not confirmed yet: enough that the broker never waits for us.
BATCHES_IN_FLIGHT = 4
_FAULTS: tuple[type[Exception], ...] = (BrokerUnavailable, EventRefused, *DATABASE_FAULTS)
# Attempts of a quarter of a second that a stopping relay gives to confirms on their way.
LAST_LOOKS = 12


@dataclass(frozen=True)
class _Sent:
    rows: list[outbox.OutboxRow]  # of each message, in order
    pending: PendingConfirmation
    sent_at: int  # nanoseconds since 1970


class Relay:
    """Publishes one service's outbox until stopped. `run()` returns after `stop` is set."""

    def __init__(self, broker: Broker, health: Health, stop: threading.Event) -> None:
        self._broker = broker
        self._health = health
        self._stop = stop
        self._settings = messaging_settings()
        self._in_flight: deque[_Sent] = deque()
        self._confirmed: list[journal.Confirmed] = []
        self._unlogged: list[outbox.OutboxRow] = []  # published, and not in the log yet
        self._logged_at = 0.0
        self._interrupted = False
        self._refusals = Refusals()
        self._pruning = JournalPruning()
        self._alone = 0  # so many events are sent one at a time, to find out which is refused
        self._counted_at = 0.0
        self._backoff = Backoff()

    def run(self) -> None:
        """Take turns with other relays of the service, and publish when it is ours."""
        while not self._stop.is_set():
            try:
                self._broker.declare(self._settings.topology)
                self._health.report("standby", broker=True)
                with leadership() as leader:
                    self._take_turn(leader)
            except BrokerUnavailable as error:
                self._pause("broker_unavailable", error, broker=False)
            except DATABASE_FAULTS as error:
                connection.close()
                self._pause("database_unavailable", error, database=False)
        self._health.report("stopped")

    def _take_turn(self, leader: Leadership) -> None:
        while not leader.acquire():
            check_writable()
            self._health.report("standby", database=True)
            self._health.worked()
            if self._stop.wait(POLL_SECONDS):
                return
        log.info("relay_active", queue=self._settings.queue)
        self._interrupted = False
        publisher = self._broker.publisher()
        reopen_at = 0.0
        try:
            while not self._stop.is_set():
                publisher.open()
                try:
                    self._publish_all(publisher, leader)
                except EventRefused as error:
                    self._settle_last()
                    self._interrupted = False
                    self._set_aside(error)
                    if time.monotonic() > reopen_at:
                        publisher.close()
                        reopen_at = time.monotonic() + REOPEN_SECONDS
                    continue
                self._backoff.reset()
                if self._wait_for_rows(leader):
                    time.sleep(GATHER_SECONDS)
                    leader.wait(0)  # forget the wake-ups since: the next look sees their rows
                else:
                    check_writable()
        finally:
            self._settle_last()
            publisher.close()

    def _wait_for_rows(self, leader: Leadership) -> bool:
        """Wait for new rows, and meanwhile delete confirmed ones. Return whether there are any."""
        waiting = sum(len(batch.ids) for batch in self._confirmed)
        if 0 < waiting <= LINGERING and leader.wait(LINGER_SECONDS):
            return True
        self._delete_confirmed()
        self._log_published()
        return leader.wait(POLL_SECONDS)

    def _delete_confirmed(self) -> None:
        if self._confirmed:
            journal.move(self._confirmed)
            self._confirmed = []
            self._pruning.step()

    def _publish_all(self, publisher: Publisher, leader: Leadership) -> None:
        """Publish until the outbox is empty. Raise EventRefused if the broker refuses one of them.

        After less than a batch there is nothing more, unless the leadership sees new rows.
        """
        more = True
        while more or self._in_flight:
            self._report(publisher)
            if self._stop.is_set():
                return
            if more and len(self._in_flight) < (1 if self._alone else BATCHES_IN_FLIGHT):
                more = self._send_next(publisher)
            else:
                self._settle_first(0.25)
            more = leader.wait(0) or more  # raises if the turn is lost

    def _send_next(self, publisher: Publisher) -> bool:
        sent = {row.id for batch in self._in_flight for row in batch.rows}
        confirmed = {id_ for batch in self._confirmed for id_ in batch.ids}
        most = 1 if self._alone else self._settings.relay_batch
        rows = outbox.unsent(most, besides=sent | confirmed)
        if rows:
            of_each, messages = addressed(rows)
            faults.reach("before_publish")
            self._in_flight.append(_Sent(of_each, publisher.send(messages), time.time_ns()))
            self._health.count(sent=len(messages))
            faults.reach("after_publish")
        self._delete_confirmed()
        return len(rows) == most

    def _settle_first(self, timeout: float) -> None:
        """Have the oldest batch's rows deleted once confirmed, if that is known in time."""
        batch = self._in_flight[0]
        confirmation = batch.pending.wait(timeout)
        if confirmation is None:
            return
        self._in_flight.popleft()
        faults.reach("after_confirm")
        confirmed = done_with(batch.rows, confirmation.confirmed)
        self._alone = max(0, self._alone - len(confirmed))
        if confirmed:
            ids, sent_at = [row.id for row in confirmed], _time(batch.sent_at)
            self._confirmed.append(journal.Confirmed(ids, sent_at, timezone.now()))
            self._health.count(published=len(confirmed))
            traced.sent(confirmed, batch.sent_at)
            self._unlogged += confirmed
            if time.monotonic() - self._logged_at > LOG_SECONDS:
                self._log_published()
        if confirmation.problem is None:
            return
        self._interrupted = True
        if confirmation.one_refused:
            unconfirmed = [batch, *self._in_flight]
            self._alone = sum(len({row.id for row in each.rows}) for each in unconfirmed)
        refused = refusals(batch.rows, confirmation)
        self._refusals.add(batch.rows, refused)
        self._health.count(refused=len(refused))
        if confirmation.one_refused or confirmation.refused:
            raise EventRefused(confirmation.problem)
        raise BrokerUnavailable(confirmation.problem)

    def _set_aside(self, error: EventRefused) -> None:
        """Set aside what was refused often enough, or wait before all is sent again."""
        if self._refusals.set_aside():
            self._counted_at = 0.0
            self._backoff.reset()
        else:
            self._pause("event_refused", error)

    def _settle_last(self) -> None:
        """Let what is in flight end, so that nothing sent later can get ahead of it.

        After a problem, only what was confirmed before it is deleted. What follows it is sent
        again, in order, confirmed or not.
        """
        looks = 0
        while self._in_flight and not (self._stop.is_set() and looks > LAST_LOOKS):
            looks += 1
            try:
                if not self._interrupted:
                    self._settle_first(0.25)
                elif self._in_flight[0].pending.wait(0.25) is not None:
                    self._in_flight.popleft()
            except _FAULTS as error:
                self._interrupted = True
                connection.close()
                log.warning("publish_interrupted", reason=str(error))
        self._in_flight.clear()
        try:
            self._delete_confirmed()
        except DATABASE_FAULTS as error:
            connection.close()
            log.warning("publish_interrupted", reason=str(error))
        self._confirmed = []
        self._log_published()

    def _log_published(self) -> None:
        """Write into the log what was published since the last line."""
        rows, self._unlogged, self._logged_at = self._unlogged, [], time.monotonic()
        if rows:
            log.info(
                "events_published",
                count=len(rows),
                event_ids=[row.event_id for row in rows],
                subjects=sorted({row.key for row in rows}),
                trace_ids=sorted({row.traceparent[3:35] for row in rows if row.traceparent}),
            )

    def _report(self, publisher: Publisher) -> None:
        blocked = publisher.blocked()
        status = "blocked" if blocked else "active"
        self._health.report(status, blocked or "", broker=True, database=True)
        self._health.worked()
        if time.monotonic() - self._counted_at > POLL_SECONDS:
            self._counted_at = time.monotonic()
            self._health.state(set_aside=count_set_aside())

    def _pause(self, event: str, error: Exception, **checks: bool) -> None:
        self._health.report("retrying", str(error), **checks)
        delay = self._backoff.next_delay()
        log.warning(event, reason=str(error), retry_in=round(delay, 2))
        self._stop.wait(delay)


def _time(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)
