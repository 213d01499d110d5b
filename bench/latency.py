"""How long a like takes to be counted: from its commit in Likes to the commit of the count in
Quotes, at 100 likes a second.

python -m bench.latency [--seconds 10] [--rounds 5] [--no-polling]

Both times are PostgreSQL's own, of one server. Beside it the same with a relay that polls twice a
second, and the round trip of the bare broker. CPU is that of the relay, or of what goes round.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from functools import partial

from bench.kit.messages import messages
from bench.kit.processes import Program
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from bench.kit.stack import Stack, stack
from bench.kit.workers import Worker, peer, peer_command
from tools.children import wait_until

RATE = 100
OURS, POLLING, BROKER = "this product", "a relay that polls", "the bare broker"


def main() -> None:
    """Measure, print the table and write its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--no-polling", action="store_true", help="which waits the most")
    asked = parser.parse_args()
    count = asked.seconds * RATE
    with stack() as made, ExitStack() as running:
        _keep_commit_times(made)
        running.callback(made.start("quotes-consumer").stop)
        command = [sys.executable, "-m", "bench.kit.likers", str(RATE)]
        liker = Worker("likers", command, made.environment, made.folder / "likers.log")
        running.callback(liker.stop)
        environment = {
            "BROKER_URL": made.rabbitmq.url,
            "MESSAGES": str(messages(made.folder / "messages.json", count).file),
            "RATE": str(RATE),
        }
        broker = peer("pika", "roundtrip", environment, made.folder)
        running.callback(broker.stop)
        contestants: dict[str, Callable[[], Figures]] = {
            OURS: partial(_like, made, liker, partial(made.start, "likes-relay"), count),
            BROKER: partial(_round_trip, broker, count),
        }
        if not asked.no_polling:
            contestants[POLLING] = partial(_like, made, liker, partial(_polling, made), count)
        found = interleaved(contestants, asked.rounds)
    yardsticks = [name for name in contestants if name != OURS]
    Report("latency", found, ours=OURS, yardsticks=yardsticks).show()


def _keep_commit_times(made: Stack) -> None:
    with made.connect("likes") as database:
        database.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    made.postgres.restart()


def _polling(made: Stack) -> Program:
    environment = {"BROKER_URL": made.rabbitmq.url, "DATABASE_URL": made.database("likes")}
    command, values = peer_command("pika", "polling")
    return Program("polling", command, {**values, **environment}, made.folder / "polling.log")


def _like(made: Stack, liker: Worker, start: Callable[[], Program], count: int) -> Figures:
    """Give likes for a while, with one relay or the other at work."""
    with made.connect("likes") as likes, made.connect("quotes") as quotes:
        likes.execute("TRUNCATE likes_service_like")
        quotes.execute("TRUNCATE messaging_inbox")
        handled = "SELECT count(*) FROM messaging_inbox"
        relay = start()
        try:
            liker.work(RATE)  # a second to warm up
            _wait(lambda: quotes.execute(handled).fetchone() == (RATE,))
            before, started = relay.cpu(), time.perf_counter()
            liker.work(count)
            _wait(lambda: quotes.execute(handled).fetchone() == (RATE + count,))
            cores = (relay.cpu() - before) / (time.perf_counter() - started)
        finally:
            relay.stop()
        given = likes.execute(
            "SELECT events -> 0 ->> 'id', extract(epoch FROM pg_xact_commit_timestamp(xmin))"
            " FROM likes_service_like ORDER BY id OFFSET %s",
            [RATE],
        ).fetchall()
        counted: dict[str, Decimal] = dict(
            quotes.execute(
                "SELECT event_id, extract(epoch FROM pg_xact_commit_timestamp(xmin))"
                " FROM messaging_inbox"
            ).fetchall()
        )
    times = [float(counted[event_id] - when) * 1000 for event_id, when in given]
    percentiles = statistics.quantiles(times, n=100)
    return {"p50 ms": percentiles[49], "p99 ms": percentiles[98], "CPU % of a core": cores * 100}


def _round_trip(broker: Worker, count: int) -> Figures:
    before = broker.program.cpu()
    figures = broker.work(count)
    cores = (broker.program.cpu() - before) / figures["seconds"]
    return {
        "p50 ms": figures["p50 ms"],
        "p99 ms": figures["p99 ms"],
        "CPU % of a core": cores * 100,
    }


def _wait(condition: Callable[[], bool]) -> None:
    wait_until(condition, patience=60, what="all likes are counted", pause=0.1)


if __name__ == "__main__":
    main()
