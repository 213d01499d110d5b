"""The yardstick of latency: from a publish to its delivery, with nothing but the broker between.

As many a second as RATE says, whatever they cost, confirmed, to a queue of the services' kind.
"""

import os
import statistics
import threading
import time

import pika
from control import serve
from wire import messages, parameters

RATE = float(os.environ["RATE"])
QUEUE = "bench.roundtrip"


class RoundTrip:
    """Publishes on one channel and consumes on another, on one event loop."""

    def __init__(self):
        self._messages = messages()
        self._ready, self._done = threading.Event(), threading.Event()
        self._connection = pika.SelectConnection(parameters(), on_open_callback=self._opened)
        threading.Thread(target=self._connection.ioloop.start, daemon=True).start()
        self._ready.wait()

    def measure(self, count):
        """Send so many. Return the 50th and 99th percentile in ms."""
        self._count, self._sent, self._times = count, [], []
        self._done.clear()
        self._started = time.perf_counter()
        self._connection.ioloop.add_callback_threadsafe(self._send)
        self._done.wait()
        percentiles = statistics.quantiles(self._times, n=100)
        return {"p50 ms": percentiles[49] * 1000, "p99 ms": percentiles[98] * 1000}

    def _opened(self, connection):
        connection.channel(on_open_callback=self._publishing)
        connection.channel(on_open_callback=self._consuming)

    def _publishing(self, channel):
        self._channel = channel
        channel.confirm_delivery(lambda frame: None)

    def _consuming(self, channel):
        channel.queue_declare(
            QUEUE,
            durable=True,
            arguments={"x-queue-type": "quorum"},
            callback=lambda frame: channel.basic_consume(
                QUEUE, self._arrived, callback=lambda frame: self._ready.set()
            ),
        )

    def _send(self):
        number = len(self._sent)
        _, body, properties = self._messages[number]
        self._sent.append(time.perf_counter())
        self._channel.basic_publish("", QUEUE, body, properties, mandatory=True)
        if number + 1 < self._count:
            due = self._started + (number + 1) / RATE
            self._connection.ioloop.call_later(max(0, due - time.perf_counter()), self._send)

    def _arrived(self, channel, method, properties, body):
        self._times.append(time.perf_counter() - self._sent[len(self._times)])
        channel.basic_ack(method.delivery_tag)
        if len(self._times) == self._count:
            self._done.set()


serve(RoundTrip().measure)
