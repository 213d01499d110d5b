"""The whole promise of a broker. Every backend is held to it by `tests/messaging/conformance`.

A backend has a *publisher*, a *subscriber*, a *reader* and an *observer*, all made by a *broker*.
Nothing here connects when it is made. A connection is opened at the first call that needs it, and
opened anew after it was lost.

All the methods may raise BrokerUnavailable. The caller waits and calls again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from msgspec import Struct

from messaging.events import Message


@dataclass(frozen=True, kw_only=True)
class Log:
    """Messages that are kept after they were read: each reader reads all of them, in order.

    A log is a queue without bindings: a message gets there through the default exchange. The
    oldest are forgotten once they are older than `max_age`, or all are larger than `max_bytes`.
    """

    name: str
    max_age: timedelta
    max_bytes: int


@dataclass(frozen=True, kw_only=True)
class Topology:
    """What one service needs of the broker. Declaring it again changes nothing.

    `bindings` are topic patterns on `exchange`. Each of `retry_delays` has a queue in which a
    message waits that long before it returns to `queue`, and to no other. `log` is the log that
    the service writes, if it does.
    """

    exchange: str
    queue: str
    bindings: Sequence[str]
    retry_delays: Sequence[timedelta]
    delivery_limit: int
    log: Log | None = None

    @property
    def dead_letter_queue(self) -> str:
        """The queue of messages that reached the delivery limit."""
        return f"{self.queue}.dead"

    def retry_queue(self, delay: timedelta) -> str:
        """The queue in which a message waits for `delay`."""
        return f"{self.queue}.retry.{round(delay.total_seconds() * 1000)}"


class Delivery(Struct, frozen=True, kw_only=True):
    """A message handed to a subscriber, who owns it until it acks or its connection is lost.

    `redelivered` says that it was handed out before and came back unacked. `tag` and
    `connection` are the subscriber's own.
    """

    message: Message
    redelivered: bool
    tag: int
    connection: int


class Refusal(Struct, frozen=True):
    """Why the broker does not take one message.

    A `lasting` one is of the message itself: it is too large, or can't be written. The others may
    pass: no queue takes it now (a return), or a queue is full (a nack).
    """

    reason: str
    lasting: bool = False


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """What became of a batch: the first `confirmed` messages are safe with the broker.

    `problem` says why it is not all of them: a refusal, a lost connection or a confirm that did
    not come in time. `refused` are the places in the batch of those that the broker does not take.
    `one_refused` says that it refused one of those not confirmed, and not which: sent one at a
    time they show it.
    """

    confirmed: int
    problem: str | None = None
    refused: Mapping[int, Refusal] = field(default_factory=dict)
    one_refused: bool = False


class PendingConfirmation(Protocol):
    """A batch on its way to the broker."""

    def done(self) -> bool:
        """Return whether `wait` would return at once."""

    def wait(self, timeout: float) -> Confirmation | None:
        """Wait for the outcome. Return None if it is not known after `timeout` seconds.

        There always is one in bounded time: a confirm that does not come in time is a problem,
        too. The time in which the broker blocks publishers does not count.
        """


class Publisher(Protocol):
    """Sends messages and learns what the broker made of them. Safe to call from any thread."""

    def open(self) -> None:
        """Connect, unless connected. An idle publisher so knows whether its broker is there."""

    def send(self, messages: Sequence[Message]) -> PendingConfirmation:
        """Send a batch, in order, and behind all that was sent before. Does not wait for it.

        Each message is persistent and mandatory: one that no queue takes is not confirmed.
        To keep the order after a problem, wait for all that was sent, and then send again.
        """

    def blocked(self) -> str | None:
        """Return why the broker accepts no messages now (a memory or disk alarm), or None."""

    def close(self) -> None:
        """Close the connection, within a few seconds even when the broker is silent."""


class Subscriber(Protocol):
    """Receives the messages of one queue. Used by one thread, save `close`.

    A queue has one active subscriber at a time; others wait and take over.
    """

    def receive(self, most: int, timeout: float) -> list[Delivery]:
        """Return up to `most` messages, as soon as there is one, in queue order.

        When it takes over from another subscriber, the messages which that one held may come a
        little after the others. They come one at a time if that one's process has died, so that
        a message that kills its process is found alone. The first message of all may come alone,
        too, until it is acked.

        Return an empty list when none came within `timeout` seconds, and at once after `close`.
        """

    def held(self) -> int:
        """Return how many messages it has been handed and has not acked."""

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Have the broker forget these, which are done with.

        Raise NotOwned when their connection is gone: they will be delivered again.
        """

    def consuming(self) -> bool:
        """Return whether the broker knows this subscriber now (waiting its turn counts)."""

    def close(self) -> None:
        """Give all unacked messages back and close the connection, within a few seconds."""


class Entry(Struct, frozen=True, kw_only=True):
    """A message of a log, and its place there. Places grow, and are the same for all readers."""

    offset: int
    message: Message


class Reader(Protocol):
    """Reads a log from one place on. Used by one thread, save `close`.

    It has its place once the first `read` has returned: it reads all that is written afterwards.
    """

    def read(self, most: int, timeout: float) -> list[Entry]:
        """Return up to `most` entries, as soon as there is one, in the order of the log.

        Return an empty list when none came within `timeout` seconds, and at once after `close`.
        After BrokerUnavailable the next call goes on behind the last entry that was returned.
        """

    def close(self) -> None:
        """Close the connection, within a few seconds."""


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """What is in a queue: messages `ready`, messages `unacked`, and its `consumers`.

    A number is None where the backend doesn't know it.
    """

    ready: int
    unacked: int | None
    consumers: int | None


class Observer(Protocol):
    """Looks at queues again and again. Used by one thread."""

    def queue_state(self, queue: str) -> QueueState:
        """Look at a queue."""

    def close(self) -> None:
        """Close the connection, within a few seconds."""


class Broker(Protocol):
    """A place where publishers and subscribers meet."""

    def declare(self, topology: Topology) -> None:
        """Make the exchange, queues and bindings, unless they are there."""

    def publisher(self) -> Publisher:
        """Make a publisher."""

    def subscriber(self, queue: str, prefetch: int) -> Subscriber:
        """Make a subscriber that holds at most `prefetch` unacked messages."""

    def reader(self, log: str, start: int | timedelta | None = None) -> Reader:
        """Make a reader of a log that begins at an offset, or at the first behind it that is left.

        Without `start` it begins with the last entry, and with a time with the first that was
        written within that time until now; or a few before it.
        """

    def observer(self) -> Observer:
        """Make an observer."""

    def queue_state(self, queue: str) -> QueueState:
        """Look at a queue once."""

    def purge(self, queue: str) -> None:
        """Throw away all that waits in a queue. For tests."""
