"""Consuming: messages are taken off the socket by one thread and handled by another."""

import itertools
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from pika import BasicProperties, spec
from pika.channel import Channel

from messaging.brokers.interface import Delivery
from messaging.brokers.rabbitmq.connection import Connection
from messaging.errors import BrokerUnavailable, NotOwned
from messaging.events import Message

_numbers = itertools.count(1)


class RabbitMQSubscriber:
    """See `messaging.brokers.interface.Subscriber`."""

    def __init__(self, url: str, name: str, queue: str, prefetch: int, *, fast: bool) -> None:
        self._url = url
        self._name = name
        self._fast = fast
        self._queue = queue
        self._prefetch = prefetch
        self._link: _ConsumingLink | None = None
        self._closed = threading.Event()

    def receive(self, most: int, timeout: float) -> list[Delivery]:
        """See Subscriber."""
        if self._closed.is_set():
            return []
        link = self._link
        if link is None:
            link = _ConsumingLink(
                self._url, self._name, self._queue, self._prefetch, fast=self._fast
            )
            link.connection.open()
            self._link = link
        if link.connection.lost is not None:
            self._link = None
            raise BrokerUnavailable(link.connection.lost)
        return link.take(most, timeout)

    def held(self) -> int:
        """See Subscriber."""
        link = self._link
        return link.unacked() if link is not None and link.connection.lost is None else 0

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """See Subscriber."""
        link = self._link
        if not deliveries:
            return
        if link is None or link.number != deliveries[0].connection or link.connection.lost:
            raise NotOwned("the connection that these deliveries came by is gone")
        tags = [delivery.tag for delivery in deliveries]
        try:
            link.connection.call(lambda: link.ack(tags))
        except BrokerUnavailable as error:
            raise NotOwned(str(error)) from error

    def consuming(self) -> bool:
        """See Subscriber."""
        link = self._link
        return link is not None and link.connection.lost is None and link.consuming

    def close(self) -> None:
        """See Subscriber."""
        self._closed.set()
        link = self._link
        if link is not None:
            link.wake()
            link.connection.close()


class _ConsumingLink:
    """What belongs to one connection: its consumer and the deliveries not acked yet.

    It starts *cautious*, holding one message at a time. After a crash all the messages that
    the dead process held come back, and the broker counts a delivery for each. A process that
    takes them all again, and dies of the same one, drives its innocent neighbours to the
    delivery limit, too. The first message that was never delivered before shows that there is
    nothing to fear. Once it is acked, the full prefetch is asked for.
    """

    def __init__(self, url: str, name: str, queue: str, prefetch: int, *, fast: bool) -> None:
        self.number = next(_numbers)
        self.connection = Connection(url, name, self._channel_ready, self._lost, fast=fast)
        self.consuming = False
        self._queue = queue
        self._prefetch = prefetch
        self._cautious = True
        self._trusted = False
        self._channel: Channel | None = None
        self._waiting: deque[Delivery] = deque()
        self._unacked: deque[int] = deque()
        self._arrived = threading.Condition()
        self._woken = False

    def take(self, most: int, timeout: float) -> list[Delivery]:
        """Take what has arrived, in order. A redelivered message comes alone."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while not self._waiting and self.connection.lost is None and not self._woken:
                left = deadline - time.monotonic()
                if left <= 0 or not self._arrived.wait(left):
                    break
            taken: list[Delivery] = []
            while self._waiting and len(taken) < most:
                if taken and (self._waiting[0].redelivered or taken[0].redelivered):
                    break
                taken.append(self._waiting.popleft())
            return taken

    def unacked(self) -> int:
        """Return how many messages have come and are not acked."""
        return len(self._unacked)

    def ack(self, tags: Sequence[int]) -> None:
        """Ack on the socket's thread: in one frame when these are the oldest."""
        if self._channel is None:
            return
        if self._cautious and self._trusted:
            # Not before: what two consumer tags hold comes back in two groups, out of order.
            # And ahead of the ack, so that no message can come in between.
            self._cautious = False
            self._channel.basic_cancel(self._tag, callback=lambda frame: self._consume())
        self._ack_on(self._channel, tags)

    def _ack_on(self, channel: Channel, tags: Sequence[int]) -> None:
        if len(tags) > 1 and list(itertools.islice(self._unacked, len(tags))) == list(tags):
            for _ in tags:
                self._unacked.popleft()
            channel.basic_ack(tags[-1], multiple=True)
            return
        for tag in tags:
            self._unacked.remove(tag)
            channel.basic_ack(tag)

    def wake(self) -> None:
        """Have `take` return at once."""
        with self._arrived:
            self._woken = True
            self._arrived.notify_all()

    def _channel_ready(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_cancel_callback(self._cancelled_by_broker)
        self._consume()

    def _consume(self) -> None:
        assert self._channel is not None  # noqa: S101 - only called with a channel
        self._channel.basic_qos(prefetch_count=1 if self._cautious else self._prefetch)
        self._tag = self._channel.basic_consume(
            self._queue, self._on_message, callback=self._on_consuming
        )

    def _on_consuming(self, frame: Any) -> None:
        self.consuming = True

    def _on_message(
        self, channel: Channel, method: spec.Basic.Deliver, properties: BasicProperties, body: bytes
    ) -> None:
        delivery = Delivery(
            message=Message(
                exchange=method.exchange,
                routing_key=method.routing_key,
                body=body,
                headers=properties.headers or {},
                message_id=properties.message_id,
                type=properties.type,
                content_type=properties.content_type or "",
            ),
            redelivered=method.redelivered,
            tag=method.delivery_tag,
            connection=self.number,
        )
        self._unacked.append(delivery.tag)
        if not delivery.redelivered:
            self._trusted = True
        with self._arrived:
            self._waiting.append(delivery)
            self._arrived.notify_all()

    def _cancelled_by_broker(self, frame: Any) -> None:
        self.connection.abandon(f"the broker cancelled the consumer: queue {self._queue} is gone")

    def _lost(self, reason: str) -> None:
        self.consuming = False
        with self._arrived:
            self._waiting.clear()
            self._arrived.notify_all()
