"""The relay and the consumer at work, in a thread or in a process of their own."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pika
from django.conf import settings
from django.db import connection, connections, transaction

from messaging.brokers.interface import Broker, Topology
from messaging.conf import broker_url, configured_broker, messaging_settings
from messaging.events import Event, Message, Payload, to_message
from messaging.health import Health
from messaging.models import OutboxEvent
from messaging.outbox import publish
from tests.messaging.ledger.models import Entry
from tools.children import wait_until

MANAGE = Path(__file__).with_name("manage.py")
PATIENCE = 30.0  # seconds; what is awaited takes well under one on an idle machine


class _Works(Protocol):
    def run(self) -> None: ...


@contextmanager
def at_work(
    kind: Callable[[Broker, Health, threading.Event], _Works], broker: Broker | None = None
) -> Iterator[Health]:
    """Have a relay or consumer work in a thread meanwhile, and see that it stops."""
    stop, health = threading.Event(), Health()
    worker = kind(broker or configured_broker("test"), health, stop)

    def run() -> None:
        try:
            worker.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield health
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def start(command: str, *arguments: str, fault: str = "") -> subprocess.Popen[bytes]:
    """Start `manage.py relay` or `consume` as a process on the database of this test."""
    topology = messaging_settings().topology
    environment = {
        **os.environ,
        "DATABASE_URL": test_database_url(),
        "BROKER_URL": broker_url(),
        "MESSAGING_EXCHANGE": topology.exchange,
        "MESSAGING_QUEUE": topology.queue,
        "FAULT_POINT": fault,
    }
    return subprocess.Popen([sys.executable, str(MANAGE), command, *arguments], env=environment)


@contextmanager
def process(command: str, *arguments: str, fault: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Have such a process run meanwhile."""
    started = start(command, *arguments, fault=fault)
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.wait()


def test_database_url() -> str:
    """Return the URL of the database that the tests use."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    database = settings.DATABASES["default"]
    account = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
    return f"postgres://{account}@{database['HOST']}:{database['PORT']}/{name}"


test_database_url.__test__ = False  # type: ignore[attr-defined]


def write(*payloads: Payload) -> list[Event]:
    """Publish in one transaction."""
    with transaction.atomic():
        return [publish(payload) for payload in payloads]


def until_empty() -> None:
    """Wait until the relay has emptied the outbox."""
    wait_until(lambda: not OutboxEvent.objects.exists(), patience=PATIENCE, what="an empty outbox")


def until_entries(count: int) -> None:
    """Wait until so many events have taken effect."""
    wait_until(lambda: Entry.objects.count() >= count, patience=PATIENCE, what=f"{count} entries")


def until_drained(broker: Broker, topology: Topology) -> None:
    """Wait until nothing is in the queue."""
    wait_until(
        lambda: broker.queue_state(topology.queue).ready == 0, patience=PATIENCE, what="no message"
    )


def lose_queue(queue: str) -> None:
    """Have the broker of this test lose a queue, and what is in it."""
    url = broker_url()
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute("DELETE FROM message WHERE queue = ?", [queue])
            file.execute("DELETE FROM queue WHERE name = ?", [queue])
        return
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        connection.channel().queue_delete(queue)


def numbers_entered() -> list[int]:
    """Return the numbers of the events that took effect, in the order in which they did."""
    return list(Entry.objects.order_by("id").values_list("number", flat=True))


def sent(topology: Topology, payload: Payload, **attributes: Any) -> Message:
    """Return the message of an event as another service publishes it."""
    event = Event(
        type=payload.type,
        source="/elsewhere",
        subject=payload.subject,
        data=payload.data(),
        sequence=1,
        **attributes,
    )
    return to_message(event, topology.exchange)
