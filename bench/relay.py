"""The relay: from the outbox to the broker, beside those who publish the same messages.

python -m bench.relay [--events 20000] [--changes 1000] [--rounds 5] [NAME …]

All but two have the messages in memory; the relay reads and deletes its rows, and django-cqrs reads
those of its model. It gets a tenth of the events, as do those that wait for each confirm. In the
second table, the events come from changes of a model, one transaction each, up to the last message
being in the queue.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import psycopg

from bench.cqrs import CQRS_QUEUE, master, synchroniser
from bench.messages import Messages, messages
from bench.processes import Program
from bench.report import Report
from bench.rounds import LEAST_ROUNDS, Figures, interleaved
from bench.stack import QUEUE, Stack, stack
from bench.workers import PATIENCE, Worker, peer
from tools.children import wait_until

OURS = "this relay"
YARDSTICK = "pika's event loop, bare"
PEERS = {
    YARDSTICK: ("pika", "window", 1),
    "FastStream": ("faststream", "window", 1),
    "pika, one by one": ("pika", "one_by_one", 10),
    "kombu, one by one": ("kombu", "one_by_one", 10),
}
SYNC = "django-cqrs, cqrs_sync"
PLAIN, CQRS = "a row and its event, the relay", "django-cqrs"
CONFIRMED = "django-cqrs, confirmed"
OURS_CHANGES = "like_quote(), the relay"
# What the relay has unconfirmed at most: four batches of 500.
WINDOW = 2000
_ROWS = "COPY messaging_outbox (event_id, type, key, data, traceparent, created_at) FROM STDIN"


def main() -> None:
    """Measure, print the tables and write their JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names; all if there is none")
    parser.add_argument("--events", type=int, default=20_000, help="0 leaves the first table out")
    parser.add_argument("--changes", type=int, default=1000, help="0 leaves the second table out")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    asked = parser.parse_args()
    with stack() as made, ExitStack() as running:
        relay = made.start("likes-relay")
        running.callback(relay.stop)
        if asked.events:
            _publishing(made, relay, asked, running)
        if asked.changes:
            _changing(made, relay, asked, running)


def _publishing(made: Stack, relay: Program, asked: argparse.Namespace, running: ExitStack) -> None:
    events = messages(made.folder / "messages.json", asked.events)
    environment = publishing(made, events)
    contestants: dict[str, Callable[[], Figures]] = {
        OURS: partial(_drain, made, relay, events, asked.events)
    }
    for name, (folder, script, fraction) in PEERS.items():
        if not asked.names or any(part.lower() in name.lower() for part in asked.names):
            worker = peer(folder, script, environment, made.folder)
            running.callback(worker.stop)
            count = asked.events // fraction
            contestants[name] = partial(_publish, made, worker, count)
    if not asked.names or any(part.lower() in SYNC for part in asked.names):
        worker = synchroniser(made)
        running.callback(worker.stop)
        contestants[SYNC] = partial(_publish, made, worker, asked.events // 10, CQRS_QUEUE)
    for contestant in contestants.values():
        contestant()  # to warm up
    found = interleaved(contestants, asked.rounds)
    yardsticks = [name for name in contestants if name != OURS]
    Report("relay", found, ours=OURS, yardsticks=yardsticks).show()


def publishing(made: Stack, events: Messages) -> dict[str, str]:
    """Answer the environment of a peer that publishes these messages."""
    return {
        "BROKER_URL": made.rabbitmq.url,
        "MESSAGES": str(events.file),
        "WINDOW": str(WINDOW),
    }


def _drain(made: Stack, relay: Program, events: Messages, count: int) -> Figures:
    """Commit so many events at once, and have the relay bring them to the queue."""
    made.purge()
    with made.connect("likes") as database:
        before = relay.cpu()
        with database.transaction(), database.cursor() as cursor:
            with cursor.copy(_ROWS) as copy:
                for row in events.rows(count):
                    copy.write_row(row)
            last = cursor.execute("SELECT max(id) FROM messaging_outbox").fetchone()
        started = time.perf_counter()
        # Events leave in the order of their ids: when the last has gone, they all have.
        _wait_until_gone(database, last)
        seconds = time.perf_counter() - started
    return _figures(made, count, seconds, relay.cpu() - before)


def _publish(made: Stack, worker: Worker, count: int, queue: str = QUEUE) -> Figures:
    made.purge(queue)
    before = worker.program.cpu()
    seconds = worker.work(count)["seconds"]
    return _figures(made, count, seconds, worker.program.cpu() - before, queue)


def _changing(made: Stack, relay: Program, asked: argparse.Namespace, running: ExitStack) -> None:
    command = [sys.executable, "-m", "bench.likers"]
    ours = Worker("likers", command, made.environment, made.folder / "likers.log")
    running.callback(ours.stop)
    plain = Worker("plain", [*command, "plain"], made.environment, made.folder / "plain.log")
    running.callback(plain.stop)
    theirs, confirmed = master(made), master(made, confirmed=True)
    for each in (theirs, confirmed):
        running.callback(each.stop)
    contestants: dict[str, Callable[[], Figures]] = {
        PLAIN: partial(_like, made, (plain.program, relay), plain, QUEUE, asked.changes),
        OURS_CHANGES: partial(_like, made, (ours.program, relay), ours, QUEUE, asked.changes),
        CQRS: partial(_like, made, (theirs.program,), theirs, CQRS_QUEUE, asked.changes),
        CONFIRMED: partial(_like, made, (confirmed.program,), confirmed, CQRS_QUEUE, asked.changes),
    }
    for contestant in contestants.values():
        contestant()
    found = interleaved(contestants, asked.rounds)
    Report("relay_changes", found, ours=PLAIN, yardsticks=[CQRS, CONFIRMED]).show()


def _like(
    made: Stack, programs: Sequence[Program], worker: Worker, queue: str, count: int
) -> Figures:
    """Give so many likes, and wait until the last message is in the queue.

    The first program is the caller: its CPU, and the time until it can go on, are told apart.
    """
    made.purge(queue)
    before = [program.cpu() for program in programs]
    started = time.perf_counter()
    waited = worker.work(count)["seconds"]
    wait_until(lambda: made.waiting(queue) >= count, patience=60, what="all in the queue")
    seconds = time.perf_counter() - started
    spent = [program.cpu() - was for program, was in zip(programs, before, strict=True)]
    return {
        **_figures(made, count, seconds, sum(spent), queue),
        "caller's CPU ms": spent[0] / count * 1000,
        "caller waits ms": waited / count * 1000,
    }


def _figures(made: Stack, count: int, seconds: float, cpu: float, queue: str = QUEUE) -> Figures:
    wait_until(lambda: made.waiting(queue) == count, patience=10, what=f"{count} in the queue")
    return {"events/s": count / seconds, "CPU ms": cpu / count * 1000, "events": count}


def _wait_until_gone(database: psycopg.Connection, last: tuple[Any, ...] | None) -> None:
    query = "SELECT 1 FROM messaging_outbox WHERE id = %s"
    wait_until(
        lambda: database.execute(query, last).fetchone() is None,
        patience=PATIENCE, what="the outbox is empty", pause=0.005,
    )  # fmt: skip


if __name__ == "__main__":
    main()
