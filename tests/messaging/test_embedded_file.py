"""The embedded broker's file: what a look costs does not grow with what waits."""

import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from messaging.brokers import broker_for
from messaging.brokers.embedded import queues
from messaging.brokers.embedded.file import File
from messaging.brokers.interface import Topology
from messaging.events import Message

RETRY = timedelta(minutes=5)
TOPOLOGY = Topology(
    exchange="events", queue="quotes", bindings=[], retry_delays=[RETRY], delivery_limit=3
)


@pytest.mark.parametrize("queue", ["quotes", "quotes.dead", TOPOLOGY.retry_queue(RETRY)])
def test_a_look_takes_as_many_steps_however_many_messages_wait(tmp_path: Path, queue: str) -> None:
    path = tmp_path / "broker.sqlite3"
    broker_for(f"sqlite:///{path}", "test").declare(TOPOLOGY)
    with closing(File(path)) as file:
        put(file, queue, 10)
        few = steps_of_look(file)
        put(file, queue, 5000)
        assert steps_of_look(file) < 2 * few


def put(file: File, queue: str, count: int) -> None:
    """Put messages into a queue, which are due later."""
    message = Message(exchange="events", routing_key="a", body=b"{}")
    with file.transaction() as cursor:
        for _ in range(count):
            queues.insert(cursor, queue, time.time() + RETRY.total_seconds(), message)


def steps_of_look(file: File) -> int:
    """Look as a subscriber does that finds nothing to move; return what SQLite did for it."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with file.transaction() as cursor:
        cursor.connection.set_progress_handler(step, 1)
        queues.move_due(cursor, "quotes")
    file.next_due("quotes")
    with file.reading() as cursor:
        cursor.connection.set_progress_handler(None, 1)
    return steps
