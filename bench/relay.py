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

from bench.kit.cqrs import CQRS_QUEUE, master, synchroniser
from bench.kit.messages import messages
from bench.kit.processes import Program
from bench.kit.publishing import drain, figures, publish, publishing
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from bench.kit.stack import QUEUE, Stack, stack
from bench.kit.workers import Worker, peer
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
        OURS: partial(drain, made, relay, events.events, asked.events)
    }
    for name, (folder, script, fraction) in PEERS.items():
        if not asked.names or any(part.lower() in name.lower() for part in asked.names):
            worker = peer(folder, script, environment, made.folder)
            running.callback(worker.stop)
            count = asked.events // fraction
            contestants[name] = partial(publish, made, worker, count)
    if not asked.names or any(part.lower() in SYNC for part in asked.names):
        worker = synchroniser(made)
        running.callback(worker.stop)
        contestants[SYNC] = partial(publish, made, worker, asked.events // 10, CQRS_QUEUE)
    for contestant in contestants.values():
        contestant()  # to warm up
    found = interleaved(contestants, asked.rounds)
    yardsticks = [name for name in contestants if name != OURS]
    Report("relay", found, ours=OURS, yardsticks=yardsticks).show()


def _changing(made: Stack, relay: Program, asked: argparse.Namespace, running: ExitStack) -> None:
    command = [sys.executable, "-m", "bench.kit.likers"]
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

    The first program is the caller, of which there are figures by themselves: its CPU, and the
    time until it can go on.
    """
    made.purge(queue)
    before = [program.cpu() for program in programs]
    started = time.perf_counter()
    waited = worker.work(count)["seconds"]
    wait_until(lambda: made.waiting(queue) >= count, patience=60, what="all in the queue")
    seconds = time.perf_counter() - started
    spent = [program.cpu() - was for program, was in zip(programs, before, strict=True)]
    return {
        **figures(made, count, seconds, sum(spent), queue),
        "caller's CPU ms": spent[0] / count * 1000,
        "caller waits ms": waited / count * 1000,
    }


if __name__ == "__main__":
    main()
