"""The yardstick of a relay: pika's event loop, with nothing around it but a window of confirms."""

import os
import threading

import pika
from control import serve
from wire import EXCHANGE, messages, parameters

WINDOW = int(os.environ["WINDOW"])


class Publisher:
    """Publishes the first so many messages, never more than WINDOW unconfirmed."""

    def __init__(self):
        self._messages = messages()
        self._ready, self._done = threading.Event(), threading.Event()
        self._count = self._sent = self._confirmed = self._base = 0
        self._connection = pika.SelectConnection(parameters(), on_open_callback=self._opened)
        threading.Thread(target=self._connection.ioloop.start, daemon=True).start()
        self._ready.wait()

    def publish(self, count):
        """Publish, and wait until all are confirmed."""
        self._done.clear()
        self._base += self._count
        self._count, self._sent, self._confirmed = count, 0, 0
        self._connection.ioloop.add_callback_threadsafe(self._send)
        self._done.wait()

    def _opened(self, connection):
        connection.channel(on_open_callback=self._channel_opened)

    def _channel_opened(self, channel):
        self._channel = channel
        channel.confirm_delivery(self._on_outcome, callback=lambda frame: self._ready.set())

    def _on_outcome(self, frame):
        method = frame.method
        if not isinstance(method, pika.spec.Basic.Ack):
            raise RuntimeError(f"refused: {method}")
        if method.multiple:
            self._confirmed = method.delivery_tag - self._base
        else:
            self._confirmed = max(self._confirmed, method.delivery_tag - self._base)
        self._send()
        if self._confirmed == self._count:
            self._done.set()

    def _send(self):
        end = min(self._count, self._confirmed + WINDOW)
        for routing_key, body, properties in self._messages[self._sent : end]:
            self._channel.basic_publish(EXCHANGE, routing_key, body, properties, mandatory=True)
        self._sent = max(self._sent, end)


serve(Publisher().publish)
