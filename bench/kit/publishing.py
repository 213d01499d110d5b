"""Rounds of publishing: by the relay from its outbox, and by peers from their memory."""

import time
from collections.abc import Sequence
from typing import Any

import psycopg

from bench.kit.messages import Messages, rows_of
from bench.kit.processes import Program
from bench.kit.rounds import Figures
from bench.kit.stack import QUEUE, Stack
from bench.kit.workers import PATIENCE, Worker
from messaging.events import Event
from tools.children import wait_until

# What the relay has unconfirmed at most: four batches of 500.
WINDOW = 2000
_ROWS = "COPY messaging_outbox (event_id, type, key, data, traceparent, created_at) FROM STDIN"


def publishing(made: Stack, events: Messages) -> dict[str, str]:
    """Return the environment of a peer that publishes these messages."""
    return {
        "BROKER_URL": made.rabbitmq.url,
        "MESSAGES": str(events.file),
        "WINDOW": str(WINDOW),
    }


def drain(
    made: Stack,
    relay: Program,
    events: Sequence[Event],
    count: int,
    *,
    service: str = "likes",
    queue: str = QUEUE,
) -> Figures:
    """Commit so many events of a service at once, and have its relay bring them to the queue."""
    made.purge(queue)
    with made.connect(service) as database:
        before = relay.cpu()
        with database.transaction(), database.cursor() as cursor:
            with cursor.copy(_ROWS) as copy:
                for row in rows_of(events[:count]):
                    copy.write_row(row)
            last = cursor.execute("SELECT max(id) FROM messaging_outbox").fetchone()
        started = time.perf_counter()
        # Events leave in the order of their ids: when the last has gone, they all have.
        _wait_until_gone(database, last)
        seconds = time.perf_counter() - started
    return figures(made, count, seconds, relay.cpu() - before, queue)


def publish(made: Stack, worker: Worker, count: int, queue: str = QUEUE) -> Figures:
    """Have a peer publish so many of its messages."""
    made.purge(queue)
    before = worker.program.cpu()
    seconds = worker.work(count)["seconds"]
    return figures(made, count, seconds, worker.program.cpu() - before, queue)


def figures(made: Stack, count: int, seconds: float, cpu: float, queue: str = QUEUE) -> Figures:
    """Make sure that so many are in the queue, and return what one has cost."""
    wait_until(lambda: made.waiting(queue) == count, patience=10, what=f"{count} in the queue")
    return {"events/s": count / seconds, "CPU ms": cpu / count * 1000, "events": count}


def wait_until_empty(made: Stack, service: str) -> None:
    """Wait until the relay of a service has sent all that is in its outbox."""
    with made.connect(service) as database:
        last = database.execute("SELECT max(id) FROM messaging_outbox").fetchone()
        _wait_until_gone(database, last)


def _wait_until_gone(database: psycopg.Connection, last: tuple[Any, ...] | None) -> None:
    query = "SELECT 1 FROM messaging_outbox WHERE id = %s"
    wait_until(
        lambda: database.execute(query, last).fetchone() is None,
        patience=PATIENCE, what="the outbox is empty", pause=0.005,
    )  # fmt: skip
