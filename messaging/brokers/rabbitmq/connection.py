"""One AMQP connection with one channel, whose socket is served by a thread of its own.

That thread sends heartbeats while another one waits for a database. A consumer that handled
messages on it would be cut off by the broker when a handler takes longer than the heartbeat.
Only that thread touches pika's objects, which are not safe to share. The others hand it work
through `call`.
"""

import contextlib
import random
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pika
import structlog
from pika.channel import Channel
from pika.exceptions import AMQPError

from messaging.brokers.rabbitmq.addresses import urls_of
from messaging.brokers.rabbitmq.fast import FastConnection
from messaging.brokers.rabbitmq.reasons import names_content, reason_of
from messaging.brokers.rabbitmq.tolerant import TolerantConnection
from messaging.errors import BrokerUnavailable
from messaging.events import Message

log = structlog.get_logger(__name__)

# A dead peer is found within two of these. RabbitMQ offers 60 s, which leaves a relay publishing
# into a half-open connection for two minutes; under 5 s a busy machine gives false alarms.
HEARTBEAT = timedelta(seconds=10)
# Name look-up, TCP, TLS, AMQP: all of it.
OPEN_TIMEOUT = timedelta(seconds=10)
# A broker that is blocked by an alarm, or gone, never confirms a close.
CLOSE_TIMEOUT = timedelta(seconds=2)


class Connection:
    """A connection that is open from the end of `open()` until it is lost or closed, once.

    `on_channel` is called with the channel when it is ready, `on_lost` with the reason when
    it was open and is no more: both on the socket's thread. Use a new object to reconnect.
    `url` may be those of several nodes, separated by commas.
    """

    def __init__(
        self,
        url: str,
        name: str,
        on_channel: Callable[[Channel], None],
        on_lost: Callable[[str], None],
        *,
        fast: bool,
    ) -> None:
        # Any node of a cluster: who has lost one soon finds another, and not all find the same.
        url = random.choice(urls_of(url))  # noqa: S311 - no secret
        self._parameters = pika.URLParameters(url)
        if "heartbeat=" not in url:
            self._parameters.heartbeat = round(HEARTBEAT.total_seconds())
        self._parameters.client_properties = {"connection_name": name}
        self._parameters.socket_timeout = 5
        self._parameters.stack_timeout = OPEN_TIMEOUT.total_seconds()
        self._on_channel = on_channel
        self._on_lost = on_lost
        self._settled = threading.Event()
        self._lost: str | None = None
        self._ready = False
        self._blocked: str | None = None
        self._refused_content = False
        self._kind = FastConnection if fast else TolerantConnection
        self._pika: TolerantConnection | None = None
        self._thread = threading.Thread(target=self._serve, name=f"amqp {name}", daemon=True)

    def open(self) -> None:
        """Connect. Raise BrokerUnavailable, with the broker's reason."""
        self._thread.start()
        if not self._settled.wait(OPEN_TIMEOUT.total_seconds() + 1):
            self.close()
            raise BrokerUnavailable(f"no answer from {self.address} in {OPEN_TIMEOUT}")
        if not self._ready:
            raise BrokerUnavailable(f"{self.address}: {self._lost}")

    @property
    def address(self) -> str:
        """Where the broker is, without the password."""
        virtual_host = self._parameters.virtual_host.removeprefix("/")
        return f"{self._parameters.host}:{self._parameters.port}/{virtual_host}"

    @property
    def lost(self) -> str | None:
        """Why this connection is of no use any more, or None."""
        return self._lost

    @property
    def blocked(self) -> str | None:
        """Why the broker reads nothing from this connection now, or None."""
        return self._blocked

    @property
    def refused_content(self) -> bool:
        """Whether the broker ended it for something that was published on it."""
        return self._refused_content

    def call(self, work: Callable[[], None]) -> None:
        """Have the socket's thread do this. Raise BrokerUnavailable if the connection is lost.

        If the connection is lost just then, `work` may never run: `on_lost` is called.
        """
        if self._pika is None or self._lost is not None:
            raise BrokerUnavailable(self._lost or "not connected")
        self._pika.ioloop.add_callback_threadsafe(lambda: self._guarded(work))

    def publish(self, channel: Channel, message: Message) -> None:
        """Write a message, persistent and mandatory. Call it on the socket's thread only."""
        if self._pika is not None:
            self._pika.publish(channel, message)

    def call_later(self, seconds: float, work: Callable[[], None]) -> None:
        """Have the socket's thread do this after a while. Call it on that thread only."""
        if self._pika is not None and self._lost is None:
            self._pika.ioloop.call_later(seconds, lambda: self._guarded(work))

    def abandon(self, reason: str) -> None:
        """Cut the connection without a word to the broker. Call it on the socket's thread only.

        It is for a silent broker: a polite close would wait for it, and would still send what is
        buffered.
        """
        self._finish(reason)
        if self._pika is not None:
            self._pika.ioloop.stop()

    def close(self) -> None:
        """Close politely, or cut the connection when the broker is silent for too long."""
        if self._pika is None:
            return
        with contextlib.suppress(BrokerUnavailable):
            self.call(self._close_politely)
        self._thread.join(CLOSE_TIMEOUT.total_seconds())
        if self._thread.is_alive():
            with contextlib.suppress(BrokerUnavailable):
                self.call(lambda: self.abandon("closed by us, the broker did not answer"))
            self._thread.join(CLOSE_TIMEOUT.total_seconds())

    def _close_politely(self) -> None:
        if self._pika is not None and self._pika.is_open:
            self._pika.close()
        elif self._pika is not None:
            self.abandon("closed by us")

    def _serve(self) -> None:
        try:
            self._pika = self._kind(
                self._parameters,
                on_open_callback=self._opened,
                on_open_error_callback=self._closed,
                on_close_callback=self._closed,
            )
            self._pika.ioloop.start()
        except Exception as error:  # noqa: BLE001 - whatever ends this thread ends the connection
            self._finish(reason_of(error))
        finally:
            self._finish("the connection's thread ended")
            self._drop_socket()

    def _drop_socket(self) -> None:
        # pika has no public way to close a socket whose peer is silent.
        transport = getattr(self._pika, "_transport", None)
        if transport is not None:
            with contextlib.suppress(Exception):
                transport.abort()
                # abort() leaves the rest to the loop, which has ended. RabbitMQ would keep a
                # queue for us until it misses heartbeats, for 30 s.
                transport._close_and_finalize()

    def _opened(self, connection: Any) -> None:
        connection.add_on_connection_blocked_callback(self._on_blocked)
        connection.add_on_connection_unblocked_callback(self._on_unblocked)
        connection.channel(on_open_callback=self._channel_opened)

    def _channel_opened(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._channel_closed)
        self._ready = True
        self._guarded(lambda: self._on_channel(channel))
        self._settled.set()

    def _channel_closed(self, channel: Channel, reason: BaseException) -> None:
        self._finish(reason_of(reason))
        if self._pika is not None and self._pika.is_open:
            self._pika.close()

    def _closed(self, connection: Any, reason: BaseException) -> None:
        self._finish(reason_of(reason))
        connection.ioloop.stop()

    def _on_blocked(self, connection: Any, frame: Any) -> None:
        self._blocked = str(frame.method.reason)
        log.warning("broker_blocks_publishers", reason=self._blocked, broker=self.address)

    def _on_unblocked(self, connection: Any, frame: Any) -> None:
        self._blocked = None
        log.info("broker_unblocked_publishers", broker=self.address)

    def _finish(self, reason: str) -> None:
        if self._lost is not None:
            return
        self._lost, self._refused_content = reason, names_content(reason)
        if self._ready:
            self._on_lost(reason)
        self._settled.set()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            if self._pika is None:
                work()
            else:
                with self._pika.corked():
                    work()
        except (AMQPError, BrokerUnavailable) as error:
            self.abandon(reason_of(error))
        except Exception as error:
            log.exception("amqp_thread_failed")
            self.abandon(reason_of(error))
