"""Reading a log, which is a stream: what is acked stays, and each reader has its own place."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Any

from pika import BasicProperties, spec
from pika.channel import Channel

from messaging.brokers.interface import Entry
from messaging.brokers.rabbitmq.connection import OPEN_TIMEOUT, Connection
from messaging.errors import BrokerUnavailable
from messaging.events import Message

# Entries that the broker may send ahead: a stream has no consumer without a bound.
PREFETCH = 1000
_OFFSET = "x-stream-offset"


class RabbitMQReader:
    """See `messaging.brokers.interface.Reader`."""

    def __init__(
        self, url: str, name: str, log: str, start: int | timedelta | None, *, fast: bool
    ) -> None:
        self._url = url
        self._name = name
        self._log = log
        self._next = start
        self._fast = fast
        self._link: _ReadingLink | None = None
        self._closed = threading.Event()

    def read(self, most: int, timeout: float) -> list[Entry]:
        """See Reader."""
        if self._closed.is_set():
            return []
        link = self._link
        if link is None:
            link = _ReadingLink(self._url, self._name, self._log, self._next, fast=self._fast)
            link.open()
            self._link = link
        found = link.take(most, timeout)
        if found:
            self._next = found[-1].offset + 1
        elif link.connection.lost is not None and not self._closed.is_set():
            self._link = None
            raise BrokerUnavailable(link.connection.lost)
        return found

    def close(self) -> None:
        """See Reader."""
        self._closed.set()
        link = self._link
        if link is not None:
            link.wake()
            link.connection.close()


class _ReadingLink:
    """What belongs to one connection: its consumer, and the entries that have come."""

    def __init__(
        self, url: str, name: str, log: str, start: int | timedelta | None, *, fast: bool
    ) -> None:
        self.connection = Connection(url, name, self._channel_ready, self._lost, fast=fast)
        self._log = log
        self._start = start
        self._channel: Channel | None = None
        self._waiting: deque[tuple[int, Entry]] = deque()
        self._arrived = threading.Condition()
        self._woken = False
        self._placed = threading.Event()

    def open(self) -> None:
        """Connect, and wait until the broker has found the place in the log."""
        self.connection.open()
        if not self._placed.wait(OPEN_TIMEOUT.total_seconds()):
            self.connection.close()
            raise BrokerUnavailable(f"no place in log {self._log} in {OPEN_TIMEOUT}")

    def take(self, most: int, timeout: float) -> list[Entry]:
        """Take what has arrived, and have the broker send more."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while not self._waiting and self.connection.lost is None and not self._woken:
                left = deadline - time.monotonic()
                if left <= 0 or not self._arrived.wait(left):
                    break
            taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        if taken and self.connection.lost is None:
            self._ack(taken)
        return [entry for _, entry in taken]

    def wake(self) -> None:
        """Have `take` return at once."""
        with self._arrived:
            self._woken = True
            self._arrived.notify_all()

    def _ack(self, taken: Sequence[tuple[int, Entry]]) -> None:
        channel, last = self._channel, taken[-1][0]
        if channel is None:
            return
        try:
            self.connection.call(lambda: channel.basic_ack(last, multiple=True))
        except BrokerUnavailable:
            return  # what was taken is read; the next call finds the connection lost

    def _channel_ready(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_cancel_callback(self._cancelled_by_broker)
        channel.basic_qos(prefetch_count=PREFETCH)

        def confirm(_: Any) -> None:
            # The broker confirms a consumer before it looks for its place, and then this.
            channel.basic_qos(prefetch_count=PREFETCH, callback=lambda _: self._placed.set())

        channel.basic_consume(
            self._log,
            self._on_message,
            arguments={_OFFSET: _offset_of(self._start)},
            callback=confirm,
        )

    def _on_message(
        self, channel: Channel, method: spec.Basic.Deliver, properties: BasicProperties, body: bytes
    ) -> None:
        headers = dict(properties.headers or {})
        offset = int(headers.pop(_OFFSET))
        # The broker sends whole chunks, which may begin before the place that was asked for.
        entry = Entry(
            offset=offset,
            message=Message(
                exchange="",
                routing_key=self._log,
                body=body,
                headers=headers,
                message_id=properties.message_id,
                type=properties.type,
                content_type=properties.content_type or "",
            ),
        )
        with self._arrived:
            if not isinstance(self._start, int) or offset >= self._start:
                self._waiting.append((method.delivery_tag, entry))
                self._arrived.notify_all()

    def _cancelled_by_broker(self, frame: Any) -> None:
        self.connection.abandon(f"the broker cancelled the reader: log {self._log} is gone")

    def _lost(self, reason: str) -> None:
        self._placed.set()
        with self._arrived:
            self._arrived.notify_all()


def _offset_of(start: int | timedelta | None) -> int | str:
    if start is None:
        return "last"
    # Of times the broker takes whole seconds, and not zero.
    return f"{max(1, ceil(start.total_seconds()))}s" if isinstance(start, timedelta) else start
