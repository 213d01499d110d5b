"""What a consumer holds while one batch takes long, a lock in the database say.

RabbitMQ tells over AMQP how many messages are ready, and not how many are handed out. So a consumer
that hangs looks like one that has nothing to do. A thread beside it writes down what it holds, once
a batch takes longer than usual.
"""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from django.db import Error, connection
from django.utils import timezone

from messaging.beside import Beside
from messaging.brokers.interface import Subscriber
from messaging.models import HeldBatch

log = structlog.get_logger(__name__)

# A batch that takes longer is written down, and again as often while it lasts.
USUAL_SECONDS = 2.0
# What was not written down again for this long is of a consumer that is gone.
GONE = timedelta(seconds=15)


class HeldMessages(Beside):
    """Writes down what is held, while it is entered as a context."""

    def __init__(self) -> None:
        super().__init__("held", patience=USUAL_SECONDS)
        self._consumer = f"{socket.gethostname()} {os.getpid()} {id(self)}"[-255:]
        self._lock = threading.Lock()
        self._batch: tuple[Subscriber, datetime] | None = None
        self._written = False

    @contextlib.contextmanager
    def by(self, subscriber: Subscriber) -> Iterator[None]:
        """Handle one batch of this subscriber's messages."""
        with self._lock:
            self._batch = subscriber, timezone.now()
        try:
            yield
        finally:
            with self._lock:
                self._batch = None

    def _work(self) -> None:
        while not self._ended.wait(USUAL_SECONDS):
            self._try_to_write()
        self._try_to_write()

    def _try_to_write(self) -> None:
        with self._lock:
            batch, now = self._batch, timezone.now()
        late = batch is not None and now - batch[1] > timedelta(seconds=USUAL_SECONDS)
        if not late and not self._written:
            return
        try:
            if batch is not None and late:
                self._write(batch[0].held(), batch[1], now)
            else:
                HeldBatch.objects.filter(consumer=self._consumer).delete()
                self._written = False
        except Error as error:
            log.warning("held_messages_not_written", reason=str(error))
        finally:
            connection.close()

    def _write(self, messages: int, since: datetime, now: datetime) -> None:
        HeldBatch.objects.filter(seen_at__lt=now - GONE).delete()
        HeldBatch.objects.update_or_create(
            consumer=self._consumer,
            defaults={"messages": messages, "since": since, "seen_at": now},
        )
        self._written = True
        log.warning("batch_takes_long", messages=messages, since=since)


def held_now(now: datetime) -> tuple[int, float]:
    """Return how many messages are held by batches that take long, and for how many seconds."""
    batches = HeldBatch.objects.filter(seen_at__gte=now - GONE).values_list("messages", "since")
    seconds = [(now - since).total_seconds() for _, since in batches]
    return sum(messages for messages, _ in batches), round(max(seconds, default=0.0), 3)
