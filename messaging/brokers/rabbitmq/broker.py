"""The broker as a whole: declares the topology, makes publishers and subscribers."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

from pika.channel import Channel

from messaging.brokers.interface import Log, QueueState, Topology
from messaging.brokers.rabbitmq.addresses import urls_of
from messaging.brokers.rabbitmq.connection import Connection
from messaging.brokers.rabbitmq.observer import RabbitMQObserver
from messaging.brokers.rabbitmq.publisher import RabbitMQPublisher
from messaging.brokers.rabbitmq.reader import RabbitMQReader
from messaging.brokers.rabbitmq.subscriber import RabbitMQSubscriber
from messaging.errors import BrokerUnavailable

# Declaring a quorum queue elects a leader; on a node that has just started it takes seconds.
DECLARE_TIMEOUT = timedelta(seconds=30)
_LEAST_SEGMENT = 1_000_000  # bytes of a log


class RabbitMQBroker:
    """See `messaging.brokers.interface.Broker`.

    `name` is shown in the broker's own lists. Without `fast` pika is used as it comes.
    """

    def __init__(self, url: str, name: str, *, fast: bool) -> None:
        urls_of(url)  # so that a wrong one is told at the start
        self._url = url
        self._name = f"{name} {os.getpid()}"
        self._fast = fast

    def declare(self, topology: Topology) -> None:
        """See Broker.

        All queues but the log, which is a stream, are quorum queues. They refuse publishers rather
        than drop messages when they are full, which at-least-once dead-lettering requires
        (https://www.rabbitmq.com/docs/quorum-queues#dead-lettering).
        """
        dead, main = topology.dead_letter_queue, topology.queue
        steps: list[Callable[[Channel, Callable[[Any], None]], object]] = [
            lambda channel, then: channel.exchange_declare(
                topology.exchange, "topic", durable=True, callback=then
            ),
            _queue(dead, {}),
            _queue(
                main,
                {
                    "x-delivery-limit": topology.delivery_limit,
                    "x-single-active-consumer": True,
                    **_dead_letter_to(dead),
                },
            ),
        ]
        for delay in topology.retry_delays:
            arguments = {"x-message-ttl": _milliseconds(delay), **_dead_letter_to(main)}
            steps.append(_queue(topology.retry_queue(delay), arguments))
        for pattern in topology.bindings:
            steps.append(_binding(main, topology.exchange, pattern))
        if topology.log is not None:
            steps.append(_stream(topology.log))
        self._run(steps)

    def publisher(self) -> RabbitMQPublisher:
        """See Broker."""
        return RabbitMQPublisher(self._url, f"{self._name} publisher", fast=self._fast)

    def subscriber(self, queue: str, prefetch: int) -> RabbitMQSubscriber:
        """See Broker."""
        name = f"{self._name} {queue}"
        return RabbitMQSubscriber(self._url, name, queue, prefetch, fast=self._fast)

    def reader(self, log: str, start: int | timedelta | None = None) -> RabbitMQReader:
        """See Broker."""
        return RabbitMQReader(self._url, f"{self._name} {log}", log, start, fast=self._fast)

    def observer(self) -> RabbitMQObserver:
        """See Broker."""
        name = f"{self._name} observer"
        return RabbitMQObserver(partial(Connection, self._url, name, fast=self._fast))

    def queue_state(self, queue: str) -> QueueState:
        """See Broker."""
        with closing(self.observer()) as observer:
            return observer.queue_state(queue)

    def purge(self, queue: str) -> None:
        """See Broker."""
        self._run([lambda channel, then: channel.queue_purge(queue, callback=then)])

    def _run(self, steps: list[Callable[[Channel, Callable[[Any], None]], object]]) -> None:
        """Do the steps on a connection of their own, each after the broker has confirmed the last.

        Raise BrokerUnavailable, with the broker's reason.
        """
        done: Future[None] = Future()
        settled = threading.Lock()

        def fail(reason: str) -> None:
            with settled:
                if not done.done():
                    done.set_exception(BrokerUnavailable(reason))

        def start(channel: Channel) -> None:
            remaining = iter(steps)

            def advance(_: Any) -> None:
                step = next(remaining, None)
                if step is not None:
                    step(channel, advance)
                elif not done.done():
                    done.set_result(None)

            advance(None)

        connection = Connection(self._url, f"{self._name} set-up", start, fail, fast=self._fast)
        try:
            connection.open()
            done.result(DECLARE_TIMEOUT.total_seconds())
        except TimeoutError:
            raise BrokerUnavailable(f"no answer in {DECLARE_TIMEOUT}") from None
        finally:
            connection.close()


def _queue(
    name: str, arguments: dict[str, Any]
) -> Callable[[Channel, Callable[[Any], None]], object]:
    quorum = {"x-queue-type": "quorum", "x-overflow": "reject-publish", **arguments}
    return lambda channel, then: channel.queue_declare(
        name, durable=True, arguments=quorum, callback=then
    )


def _stream(log: Log) -> Callable[[Channel, Callable[[Any], None]], object]:
    # It forgets whole segments: a tenth of it, so that what it holds is near what is asked for.
    segment = max(_LEAST_SEGMENT, log.max_bytes // 10)
    stream = {
        "x-queue-type": "stream",
        "x-max-age": f"{round(log.max_age.total_seconds())}s",
        "x-max-length-bytes": log.max_bytes,
        "x-stream-max-segment-size-bytes": segment,
    }
    return lambda channel, then: channel.queue_declare(
        log.name, durable=True, arguments=stream, callback=then
    )


def _binding(
    queue: str, exchange: str, pattern: str
) -> Callable[[Channel, Callable[[Any], None]], object]:
    return lambda channel, then: channel.queue_bind(queue, exchange, pattern, callback=then)


def _dead_letter_to(queue: str) -> dict[str, Any]:
    return {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
    }


def _milliseconds(delay: timedelta) -> int:
    return round(delay.total_seconds() * 1000)
