"""Rounds of consuming: the queue is filled, a consumer started, and what it counts is timed."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import psycopg

from bench.kit.messages import messages
from bench.kit.processes import Program
from bench.kit.publishing import publishing
from bench.kit.rounds import Figures
from bench.kit.stack import QUOTES, Stack
from bench.kit.workers import PATIENCE, Worker, peer
from tools.children import wait_until


@dataclass(frozen=True)
class Bench:
    """What all rounds need."""

    made: Stack
    filler: Worker
    database: psycopg.Connection
    handled: int = 0  # events before the first round


def bench_of(
    made: Stack, running: ExitStack, count: int, *, quotes: int = QUOTES, handled: int = 0
) -> Bench:
    """Make so many events of so many quotes, and have a peer ready to fill the queue with them."""
    events = messages(made.folder / f"of_{quotes}.json", count, quotes=quotes)
    filler = peer("pika", "window", publishing(made, events), made.folder)
    running.callback(filler.stop)
    return Bench(made, filler, running.enter_context(made.connect("quotes")), handled)


def consume(bench: Bench, start: Callable[[], Program], count: int) -> Figures:
    """Fill the queue, and have a consumer count the likes."""
    bench.made.purge()
    bench.database.execute("DELETE FROM messaging_inbox WHERE id > %s", [bench.handled])
    bench.database.execute("UPDATE quotes_service_quote SET likes = 0, likes_sequence = 0")
    bench.database.execute("VACUUM ANALYZE quotes_service_quote")
    bench.filler.work(count)
    query = "SELECT sum(likes)::bigint FROM quotes_service_quote"
    return timed(start, lambda: number(bench.database, query), count)


def timed(start: Callable[[], Program], counted: Callable[[], int], count: int) -> Figures:
    """Start a consumer, and measure from the first count that is seen to the last."""
    program = start()
    try:
        program.wait_for(lambda: counted() > 0)
        begun, before, first = time.perf_counter(), program.cpu(), counted()
        wait_until(lambda: counted() >= count, patience=PATIENCE, what="all counted", pause=0.02)
        seconds, cpu = time.perf_counter() - begun, program.cpu() - before
        if counted() != count:
            raise RuntimeError(f"{program.name} has counted {counted()} of {count} likes")
    finally:
        program.stop()
    events = count - first
    return {"events/s": events / seconds, "CPU ms": cpu / events * 1000, "events": events}


def number(database: psycopg.Connection, query: str) -> int:
    """Return the number that a query has; 0 for none."""
    row = database.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
