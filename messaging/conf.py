"""The settings of this app: read in one place, each with its default, unit and reason.

A project sets `MESSAGING`, a dictionary, and `BROKER_URL`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from messaging.brokers import Broker, broker_for
from messaging.brokers.interface import Log, Topology


@dataclass(frozen=True, kw_only=True)
class MessagingSettings:
    """All that can be set, typed. The names in `MESSAGING` are these in upper case."""

    # Who publishes: the CloudEvents `source`, such as "/quotes".
    source: str
    # The queue that this service reads, and the topic patterns bound to it.
    queue: str
    bindings: Sequence[str]
    # Dotted path of a dict from event type to the function that handles a list of its events.
    handlers: str
    # Dotted path of a function that asks the other side for the greatest sequence that it has heard
    # of `source`: None if it can't be asked. Empty: there is nobody to ask. See `past.py`.
    heard_by_others: str = ""
    # Dotted path of a function that asks the other side what it knows of events: see `flow`. Empty:
    # there is nobody to ask.
    told_by_others: str = ""
    # Folder with one JSON Schema per event type, named `<type>.json`.
    schemas: Path
    # Dotted path of a function that the consumer calls between batches, for work that no message
    # brings about: it does a little in a transaction of its own, and returns whether there is more.
    chore: str = ""
    exchange: str = "events"
    # The log: which types are written there, too, and which there alone, with `*` for any text.
    # Of what goes to the exchange, each type must be bound to the queue of a service.
    log: str = "events.log"
    logged: Sequence[str] = ()
    only_logged: Sequence[str] = ()
    # Who was away for longer, or missed more, begins anew.
    log_age: timedelta = timedelta(days=7)
    log_bytes: int = 500_000_000
    # How long a message that failed waits before its next attempt. After the last it is parked.
    retry_delays: Sequence[timedelta] = (
        timedelta(seconds=5),
        timedelta(seconds=30),
        timedelta(minutes=5),
    )
    # A backstop against messages that kill their consumer. RabbitMQ 4 has 20 by default.
    delivery_limit: int = 20
    # Rows in one relay batch: 500 cost one SELECT and one DELETE (10,700 events/s measured).
    relay_batch: int = 500
    # Messages handled in one transaction, and those held unacked: twice as many, so that one batch
    # waits while another is in the database.
    consumer_batch: int = 250
    prefetch: int = 500
    # How long handled event ids are kept: a message repeated later than that counts as new.
    inbox_retention: timedelta = timedelta(days=30)
    # How many entries of the journal are kept: each event is one where it is published, and one
    # where it is handled. A hundred thousand take some 20 MB, and a look through them 30 ms.
    journal_events: int = 100_000
    # Whether what is slow in RabbitMQ's client, pika, is done faster. Without, it is as it comes.
    amqp_fast: bool = True

    @property
    def topology(self) -> Topology:
        """What this service needs of the broker."""
        return Topology(
            exchange=self.exchange,
            queue=self.queue,
            bindings=tuple(self.bindings),
            retry_delays=tuple(self.retry_delays),
            delivery_limit=self.delivery_limit,
            log=self._log if self.logged or self.only_logged else None,
        )

    @property
    def _log(self) -> Log:
        return Log(name=self.log, max_age=self.log_age, max_bytes=self.log_bytes)


def messaging_settings() -> MessagingSettings:
    """Read `settings.MESSAGING`. Raise TypeError for a name that does not exist."""
    given: dict[str, Any] = settings.MESSAGING
    if _read[0] is not given:  # asked for with every event, and the same unless a test sets others
        _read[:] = given, MessagingSettings(**{name.lower(): given[name] for name in given})
    found: MessagingSettings = _read[1]
    return found


_read: list[Any] = [None, None]


def broker_url() -> str:
    """Read `settings.BROKER_URL`: `amqp://…`, `amqps://…` or `sqlite:///path`."""
    return str(settings.BROKER_URL)


def configured_broker(name: str) -> Broker:
    """Make the broker of the settings; does not connect. RabbitMQ shows `name` to its operator."""
    return broker_for(broker_url(), name, fast=messaging_settings().amqp_fast)
