"""Looking at queues on a connection that is kept: a new one for each look costs the broker more."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

from pika.channel import Channel

from messaging.brokers.interface import QueueState
from messaging.brokers.rabbitmq.connection import Connection
from messaging.errors import BrokerUnavailable

LOOK_TIMEOUT = timedelta(seconds=3)  # a look that takes longer is none


class RabbitMQObserver:
    """See `messaging.brokers.interface.Observer`. AMQP has no count of unacked messages."""

    def __init__(self, connect: Callable[..., Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._channel: Channel | None = None
        self._look: Future[QueueState] = Future()

    def queue_state(self, queue: str) -> QueueState:
        """See Observer."""
        try:
            connection = self._opened()
            look: Future[QueueState] = Future()
            self._look = look
            connection.call(lambda: self._ask(queue, look))
            return look.result(LOOK_TIMEOUT.total_seconds())
        except TimeoutError:
            self.close()
            raise BrokerUnavailable(f"no answer in {LOOK_TIMEOUT}") from None
        except BrokerUnavailable:
            self.close()
            raise

    def close(self) -> None:
        """See Observer."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _opened(self) -> Connection:
        if self._connection is None:
            connection = self._connect(self._channel_ready, self._lost)
            connection.open()
            self._connection = connection
        return self._connection

    def _channel_ready(self, channel: Channel) -> None:
        self._channel = channel

    def _ask(self, queue: str, look: Future[QueueState]) -> None:
        def declared(frame: Any) -> None:
            ready, consumers = frame.method.message_count, frame.method.consumer_count
            if not look.done():
                look.set_result(QueueState(ready=ready, unacked=None, consumers=consumers))

        if self._channel is not None:
            self._channel.queue_declare(queue, passive=True, callback=declared)

    def _lost(self, reason: str) -> None:
        if not self._look.done():
            self._look.set_exception(BrokerUnavailable(reason))
