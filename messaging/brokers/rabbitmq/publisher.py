"""Publishing with pipelined publisher confirms.

One confirm at a time costs a round trip and a disk write a message (1,040 events/s measured);
many in flight cost the same for all of them (11,800).
"""

import struct
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pika import BasicProperties, spec
from pika.channel import Channel
from pika.exceptions import ShortStringTooLong, UnsupportedAMQPFieldException

from messaging.brokers.interface import Confirmation, Refusal
from messaging.brokers.rabbitmq.connection import Connection
from messaging.errors import BrokerUnavailable
from messaging.events import Message

# A quorum queue confirms in milliseconds; a broker that was silent for this long, not blocked,
# has lost our messages or its mind.
CONFIRM_TIMEOUT = timedelta(seconds=10)
# What pika and ours raise for a message that AMQP has no way to write: a name of over 255 bytes, a
# number with a fraction among the headers. Nothing of it has been sent then.
UNWRITABLE = (
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    ShortStringTooLong,
    UnsupportedAMQPFieldException,
)


class SentBatch:
    """Messages sent together; counts their outcomes until all are known."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._outstanding = size
        self._confirmed = bytearray(size)
        self._refused: dict[int, Refusal] = {}
        self._one_refused = False
        self._problem: str | None = None
        self._done = threading.Event()
        if not size:
            self._done.set()

    def settle(self, index: int, refusal: Refusal | None) -> None:
        """Note the outcome of one message."""
        self._confirmed[index] = refusal is None
        if refusal is not None:
            self._refused[index] = refusal
            self._problem = self._problem or refusal.reason
        self._outstanding -= 1
        if self._outstanding == 0:
            self._done.set()

    def fail(self, problem: str, *, one_refused: bool = False) -> None:
        """End it: the outcomes not known yet will never be."""
        self._problem = self._problem or problem
        self._one_refused = one_refused
        self._done.set()

    def done(self) -> bool:
        """See PendingConfirmation."""
        return self._done.is_set()

    def wait(self, timeout: float) -> Confirmation | None:
        """See PendingConfirmation."""
        if not self._done.wait(timeout):
            return None
        first_failure = self._confirmed.find(0)
        confirmed = self._size if first_failure < 0 else first_failure
        return Confirmation(
            confirmed=confirmed,
            problem=self._problem,
            refused=dict(self._refused),
            one_refused=self._one_refused,
        )


class RabbitMQPublisher:
    """See `messaging.brokers.interface.Publisher`."""

    def __init__(self, url: str, name: str, *, fast: bool) -> None:
        self._url = url
        self._name = name
        self._fast = fast
        self._lock = threading.Lock()
        self._link: _PublishingLink | None = None

    def open(self) -> None:
        """See Publisher."""
        with self._lock:
            self._opened()

    def send(self, messages: Sequence[Message]) -> SentBatch:
        """See Publisher."""
        batch = SentBatch(len(messages))
        with self._lock:
            link = self._opened()
            link.connection.call(lambda: link.transmit(messages, batch))
            link.register(batch)
        return batch

    def blocked(self) -> str | None:
        """See Publisher."""
        link = self._link
        return link.connection.blocked if link and link.connection.lost is None else None

    def close(self) -> None:
        """See Publisher."""
        with self._lock:
            if self._link is not None:
                self._link.connection.close()
                self._link = None

    def _opened(self) -> "_PublishingLink":
        if self._link is None or self._link.connection.lost is not None:
            link = _PublishingLink(self._url, self._name, fast=self._fast)
            link.connection.open()
            self._link = link
        return self._link


class _PublishingLink:
    """What belongs to one connection: its delivery tags and the batches in flight.

    All but `register` runs on the connection's thread.
    """

    def __init__(self, url: str, name: str, *, fast: bool) -> None:
        self.connection = Connection(url, name, self._channel_ready, self._lost, fast=fast)
        self._channel: Channel | None = None
        self._next_tag = 1
        self._in_flight: OrderedDict[int, tuple[SentBatch, int, Message]] = OrderedDict()
        self._returned: dict[int, str] = {}
        self._batches: list[SentBatch] = []
        self._progress = time.monotonic()

    def register(self, batch: SentBatch) -> None:
        """Have the batch fail when the connection is lost, even before it was transmitted."""
        self._batches = [other for other in self._batches if not other.done()] + [batch]
        if self.connection.lost is not None:
            batch.fail(self.connection.lost)

    def transmit(self, messages: Sequence[Message], batch: SentBatch) -> None:
        """Write a batch to the socket."""
        if self._channel is None or not self._channel.is_open:
            raise BrokerUnavailable("no channel")
        if not self._in_flight:
            self._progress = time.monotonic()
        for index, message in enumerate(messages):
            try:
                self.connection.publish(self._channel, message)
            except UNWRITABLE as error:
                reason = f"{message.routing_key} can't be written: {type(error).__name__}: {error}"
                batch.settle(index, Refusal(reason, lasting=True))
                continue
            self._in_flight[self._next_tag] = (batch, index, message)
            self._next_tag += 1

    def _channel_ready(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_outcome)
        self._watch()

    def _on_return(
        self,
        channel: Channel,
        method: spec.Basic.Return,
        properties: BasicProperties,
        body: bytes,
    ) -> None:
        # A return names no delivery tag. It comes before its message's ack, so the oldest
        # message in flight that looks like it and was not returned yet is the one.
        for tag, (_, _, message) in self._in_flight.items():
            if (
                tag not in self._returned
                and message.message_id == properties.message_id
                and message.routing_key == method.routing_key
                and message.exchange == method.exchange
            ):
                self._returned[tag] = f"returned: {method.reply_code} {method.reply_text}"
                return

    def _on_outcome(self, frame: Any) -> None:
        method = frame.method
        refused = isinstance(method, spec.Basic.Nack)
        self._progress = time.monotonic()
        if method.multiple:
            while self._in_flight and next(iter(self._in_flight)) <= method.delivery_tag:
                self._settle(next(iter(self._in_flight)), refused)
        elif method.delivery_tag in self._in_flight:
            self._settle(method.delivery_tag, refused)

    def _settle(self, tag: int, refused: bool) -> None:
        batch, index, message = self._in_flight.pop(tag)
        returned = self._returned.pop(tag, None)
        problem = "the broker refused it (nack)" if refused else returned
        batch.settle(index, Refusal(f"{message.routing_key} {problem}") if problem else None)

    def _watch(self) -> None:
        if self.connection.blocked:
            self._progress = time.monotonic()  # a blocked broker owes no confirms
        waited = time.monotonic() - self._progress
        if self._in_flight and waited > CONFIRM_TIMEOUT.total_seconds():
            self.connection.abandon(f"no confirm in {CONFIRM_TIMEOUT.total_seconds():.0f} s")
            return
        self.connection.call_later(1, self._watch)

    def _lost(self, reason: str) -> None:
        one_refused = self.connection.refused_content
        if one_refused and len(self._in_flight) == 1:
            [(batch, index, message)] = self._in_flight.values()
            batch.settle(index, Refusal(f"{message.routing_key} {reason}", lasting=True))
        self._in_flight.clear()
        for batch in self._batches:
            if not batch.done():
                batch.fail(reason, one_refused=one_refused)
