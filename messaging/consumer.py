"""The consumer: hands events from the broker to the service's handlers, each once.

A batch is one transaction of inbox rows and handlers, acked after its commit. A fault of the
database or broker pauses the consumer, and is no attempt. After a fault of one message the batch
is handled one by one, so that this message holds up no other.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import structlog
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from database.faults import DATABASE_FAULTS
from database.readiness import check_writable
from messaging import awaited, faults, heard, inbox, journal, past
from messaging.backoff import Backoff
from messaging.brokers.interface import Broker, Delivery, Publisher, Subscriber
from messaging.chores import Chore
from messaging.conf import messaging_settings
from messaging.dead_letters import described, park
from messaging.errors import BrokerUnavailable, EventRefused, InvalidEvent, NotOwned
from messaging.events import Event
from messaging.health import Health
from messaging.held import HeldMessages
from messaging.models import DeadLetter, JournalEntry
from messaging.pruning import JournalPruning, Pruning
from messaging.received import Received, names_of, read
from messaging.replays import RequestedReplays
from messaging.retries import Retries
from messaging.schemas import check_of
from messaging.traced import Handling
from observability.metrics import DELIVERY_LAG

log = structlog.get_logger(__name__)

Handler = Callable[[Sequence[Event]], None]
Step = JournalEntry.Step

# How long one look for messages waits, and so how long a stop may go unnoticed.
RECEIVE_SECONDS = 0.5
# What the broker must have is declared anew this often: what was removed is back within a minute.
DECLARE_SECONDS = 30.0


class Consumer:
    """Handles one service's queue until stopped. `run()` returns after `stop` is set."""

    def __init__(self, broker: Broker, health: Health, stop: threading.Event) -> None:
        self._broker = broker
        self._health = health
        self._stop = stop
        self._settings = messaging_settings()
        self._handlers: Mapping[str, Handler] = import_string(self._settings.handlers)
        self._checks = {event_type: check_of(event_type) for event_type in self._handlers}
        self._backoff = Backoff()
        self._pruning = Pruning(self._settings.inbox_retention)
        self._journal_pruning = JournalPruning()
        self._delivered_at = timezone.now()  # those that are being handled
        self._chore = Chore(self._settings.chore)
        self._held = HeldMessages()
        self._declare_at = 0.0
        self._look_due = True  # whether the database may be an older one than before

    def run(self) -> None:
        """Connect and handle, and connect again whenever the broker went away."""
        with self._held:
            self._work()
        self._health.report("stopped")

    def _work(self) -> None:
        while not self._stop.is_set():
            topology = self._settings.topology
            subscriber = self._broker.subscriber(topology.queue, self._settings.prefetch)
            dead = self._broker.subscriber(topology.dead_letter_queue, prefetch=10)
            publisher = self._broker.publisher()
            try:
                self._declare()
                self._consume(subscriber, dead, publisher)
            except BrokerUnavailable as error:
                self._pause("broker_unavailable", error, broker=False)
            finally:
                for opened in (subscriber, dead, publisher):
                    opened.close()

    def _declare(self) -> None:
        """Have what is needed of the broker there: somebody may have removed it meanwhile.

        Nothing tells a consumer that its queue is bound to nothing any more.
        """
        self._broker.declare(self._settings.topology)
        self._declare_at = time.monotonic() + DECLARE_SECONDS

    def _consume(self, subscriber: Subscriber, dead: Subscriber, publisher: Publisher) -> None:
        retries = Retries(publisher, self._settings.topology)
        replays = RequestedReplays(publisher, self._settings.queue)
        while not self._stop.is_set():
            patience = 0.0 if self._chore.is_due else RECEIVE_SECONDS
            deliveries = subscriber.receive(self._settings.consumer_batch, patience)
            if deliveries:
                self._delivered_at = timezone.now()
                with self._held.by(subscriber):
                    self._until_done(partial(self._handle, list(deliveries), subscriber, retries))
            else:
                self._until_done(self._probe_database)
            self._until_done(self._pruning.step)
            self._until_done(self._journal_pruning.step)
            self._until_done(self._chore.step)
            self._until_done(replays.step)
            killers = dead.receive(1, timeout=0)
            if killers:
                self._until_done(partial(self._park_killers, killers, dead))
            if time.monotonic() > self._declare_at:
                self._declare()
            well = subscriber.consuming()
            if well:
                self._health.worked()
            if well and not self._stop.is_set():
                self._health.report("active", broker=True)
                self._backoff.reset()

    def _until_done(self, work: Callable[[], None]) -> None:
        """Do it again and again while the database is at fault, until stopped."""
        while True:
            try:
                if self._look_due:
                    past.find_out(self._stop)
                    self._look_due = False
                work()
            except NotOwned as error:
                log.info("deliveries_lost", reason=str(error))
            except DATABASE_FAULTS as error:
                connection.close()
                self._look_due = True
                self._pause("database_unavailable", error, database=False)
                if not self._stop.is_set():
                    continue
            else:
                self._health.report("active", database=True)
            return

    def _probe_database(self) -> None:
        """Find out in idle times whether the database takes writes: readiness reports it."""
        check_writable()

    def _handle(self, todo: list[Delivery], subscriber: Subscriber, retries: Retries) -> None:
        """Handle and ack the deliveries. Take those handled one by one off the list."""
        received = [read(delivery, self._checks) for delivery in todo]
        try:
            self._apply(received)
        except DATABASE_FAULTS:
            raise
        except Exception as error:  # noqa: BLE001 - any fault of one message: find out of which
            if len(received) > 1:
                log.warning("batch_failed", count=len(received), reason=described(error))
                for one in received:
                    self._handle_alone(one, subscriber, retries)
                    todo.remove(one.delivery)
                return
            self._failed(received[0], error, retries)
        faults.reach("after_commit")
        subscriber.ack(todo)

    def _handle_alone(self, one: Received, subscriber: Subscriber, retries: Retries) -> None:
        try:
            self._apply([one])
        except DATABASE_FAULTS:
            raise
        except Exception as error:  # noqa: BLE001 - the fault of this message
            self._failed(one, error, retries)
        subscriber.ack([one.delivery])
        self._health.worked()

    def _apply(self, received: Sequence[Received]) -> None:
        """Handle what is new and park what is no event, in one transaction."""
        with transaction.atomic():
            new = inbox.take([one.event for one in received if one.event is not None])
            handling = Handling(new)
            by_handler: dict[Handler, list[Event]] = {}
            for event in new:
                by_handler.setdefault(self._handlers[event.type], []).append(event)
            for handler, events in by_handler.items():
                with handling.of(events):
                    handler(events)
            heard.note(new)
            journal.note_handled(new, self._delivered_at, timezone.now())
            for one in received:
                if one.reason is not None and one.error is not None:
                    park(one.delivery, one.reason, one.error)
                    self._note(Step.PARKED, one, described(one.error))
            awaited.back(one.delivery.message for one in received)
            faults.reach("after_handling")
        handling.committed()
        self._log(received, new)

    def _failed(self, one: Received, error: Exception, retries: Retries) -> None:
        """Have a message that failed wait for its next attempt, or park it after the last."""
        delay = retries.delay(one.delivery.message)
        attempt = retries.attempt(one.delivery.message)
        detail = f"attempt {attempt}: {described(error)}"
        invalid = isinstance(error, InvalidEvent)
        log.warning(
            "event_failed",
            reason=described(error),
            attempt=attempt,
            retry_in=None if delay is None or invalid else delay.total_seconds(),
            **names_of([one]),
        )
        if delay is not None and not invalid:
            try:
                retries.send(one.delivery.message, delay)
            except EventRefused as refused:
                log.warning("retry_refused", reason=str(refused), **names_of([one]))
            else:
                awaited.sent(one.delivery.message, delay)
                self._note(Step.FAILED, one, detail)
                self._health.count(retried=1)
                return
        reason = DeadLetter.Reason.INVALID if invalid else DeadLetter.Reason.FAILED
        with transaction.atomic():
            park(one.delivery, reason, error)
            self._note(Step.PARKED, one, detail)
            awaited.back([one.delivery.message])
        self._health.count(parked=1)

    def _note(self, step: Step, one: Received, detail: str) -> None:
        journal.note_trouble(
            step, one.delivery, one.event, self._delivered_at, timezone.now(), detail
        )

    def _park_killers(self, deliveries: Sequence[Delivery], dead: Subscriber) -> None:
        """Keep messages that reached the delivery limit: their consumer died each time."""
        with transaction.atomic():
            for delivery in deliveries:
                limit = f"came back unhandled {self._settings.delivery_limit} times"
                park(delivery, DeadLetter.Reason.DELIVERY_LIMIT, limit)
                self._note(Step.PARKED, Received(delivery, None), limit)
            awaited.back(delivery.message for delivery in deliveries)
        log.error("delivery_limit_reached", message_ids=[d.message.message_id for d in deliveries])
        self._health.count(parked=len(deliveries))
        dead.ack(deliveries)

    def _log(self, received: Sequence[Received], new: Sequence[Event]) -> None:
        parked = [one for one in received if one.error is not None]
        repeated = len(received) - len(parked) - len(new)
        self._health.count(handled=len(new), repeated=repeated, parked=len(parked))
        now = datetime.now(UTC)
        for event in new:
            DELIVERY_LAG.observe(max(0.0, (now - event.time).total_seconds()))
        if repeated:
            log.info("events_repeated", count=repeated)
        if new:
            handled = [one for one in received if one.event is not None]
            log.info("events_handled", count=len(new), **names_of(handled))
        for one in parked:
            message_id = one.delivery.message.message_id
            log.error("event_parked", reason=str(one.error), message_id=message_id)

    def _pause(self, event: str, error: Exception, **checks: bool) -> None:
        self._health.report("retrying", str(error), **checks)
        delay = self._backoff.next_delay()
        log.warning(event, reason=str(error), retry_in=round(delay, 2))
        self._stop.wait(delay)
