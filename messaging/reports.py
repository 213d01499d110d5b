"""What relays and consumers report of themselves and of the queue, for web processes to show.

No web process connects to the broker. So a thread beside each relay and consumer looks at the
service's queue every second, and writes down what it sees: the relay's is there when the consumer
has died, and the other way round.
"""

import os
import socket
from datetime import timedelta

import structlog
from django.db import Error, connection
from django.utils import timezone

from messaging.beside import Beside
from messaging.brokers.interface import Broker, Observer, QueueState
from messaging.conf import messaging_settings
from messaging.dead_letters import storable
from messaging.errors import BrokerUnavailable
from messaging.health import Health
from messaging.models import ProcessReport

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
END_SECONDS = 1.0  # that a process that ends waits for its last word
# What has not changed is written down this seldom. One that is silent for three times as long is
# gone: a write may take its time on a busy machine.
SILENCE = timedelta(seconds=5)
GONE = 3 * SILENCE
MEMORY = timedelta(hours=1)  # the last word of one that is gone is kept for so long


class Reports(Beside):
    """Writes reports down while it is entered as a context."""

    def __init__(self, role: str, broker: Broker, health: Health) -> None:
        super().__init__("reports", patience=END_SECONDS)
        self._role = role
        self._broker = broker
        self._health = health
        self._name = f"{role} {socket.gethostname()} {os.getpid()}"[-255:]
        self._written: ProcessReport | None = None

    def _work(self) -> None:
        observer = self._broker.observer()
        try:
            while not self._ended.wait(LOOK_SECONDS):
                self._try_to_write(self._seen(observer))
            self._try_to_write(None)
        finally:
            observer.close()

    def _seen(self, observer: Observer) -> QueueState | None:
        try:
            return observer.queue_state(messaging_settings().queue)
        except BrokerUnavailable:  # the relay or consumer says so, and why
            return None

    def _try_to_write(self, queue: QueueState | None) -> None:
        report = self._report(queue)
        if not _is_news(report, self._written):
            return
        try:
            report.save()
            if self._written is None:
                ProcessReport.objects.filter(seen_at__lt=report.seen_at - MEMORY).delete()
        except Error as error:
            log.warning("report_not_written", reason=str(error))
        else:
            self._written = report
        finally:  # a small pool has it for the process itself, and for what asks for metrics
            connection.close()

    def _report(self, queue: QueueState | None) -> ProcessReport:
        health = self._health.as_json()
        return ProcessReport(
            name=self._name,
            role=self._role,
            status=health["status"],
            detail=storable(health["detail"]),
            queue_ready=queue.ready if queue else None,
            queue_consumers=queue.consumers if queue else None,
            seen_at=timezone.now(),
        )


def _is_news(report: ProcessReport, written: ProcessReport | None) -> bool:
    if written is None or report.seen_at - written.seen_at >= SILENCE:
        return True
    names = ("status", "detail", "queue_ready", "queue_consumers")
    return any(getattr(report, name) != getattr(written, name) for name in names)
