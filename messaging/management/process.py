"""What the commands that run until stopped have in common: signals and a health server."""

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import structlog
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from database.pools import read_pool
from messaging.brokers.interface import Broker
from messaging.conf import configured_broker, messaging_settings
from messaging.health import Health, serve_health
from observability.metrics import Reading

log = structlog.get_logger(__name__)


def stop_on_signals(*numbers: signal.Signals) -> threading.Event:
    """Return an event that is set at the first of these signals. Call it before other threads.

    A thread waits for them. A handler would run inside whatever the main thread is doing, and
    that may be `stop.wait()`, or an earlier handler's `stop.set()`, with the lock that it needs.
    """
    stop = threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)

    def wait() -> None:
        signal.sigwait(numbers)
        stop.set()

    threading.Thread(target=wait, name="signals", daemon=True).start()
    return stop


class ProcessCommand(BaseCommand):
    """A command that works until SIGTERM or SIGINT, then ends cleanly with exit code 0."""

    # Messaging's own are among them. Those of URLs would load the whole web side.
    requires_system_checks = (Tags.compatibility, Tags.models)
    role = ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--health`."""
        parser.add_argument(
            "--health",
            metavar="HOST:PORT",
            default=os.environ.get("HEALTH_ADDRESS", ""),
            help="serve /healthz, /readyz, /metrics there (default: HEALTH_ADDRESS, or not at all)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Set up the signals and the health server, and work."""
        stop = stop_on_signals(signal.SIGTERM, signal.SIGINT)
        health = Health()
        if options["health"]:
            self._serve_health(health, options["health"])
        queue = messaging_settings().queue
        broker = configured_broker(f"{queue} {self.role}")
        log.info("process_started", role=self.role, queue=queue)
        try:
            self.work(broker, health, stop)
        finally:
            connection.close()
        log.info("process_stopped", role=self.role, queue=queue)

    def work(self, broker: Broker, health: Health, stop: threading.Event) -> None:
        """Do the work until `stop` is set."""
        raise NotImplementedError

    def backlog(self) -> Iterator[Reading]:
        """Give what waits for this process, for its metrics."""
        raise NotImplementedError

    def _serve_health(self, health: Health, address: str) -> None:
        host, _, port = address.rpartition(":")
        try:
            serve_health(health, host or "127.0.0.1", int(port), [self.backlog, read_pool])
        except (OSError, ValueError) as error:
            raise CommandError(f"can't serve health checks at {address}: {error}") from error
