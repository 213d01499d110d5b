"""The consumer: from the queue to the counts of quotes, beside those that count the same events.

python -m bench.consumer [--events 20000] [--rounds 5] [--quotes 1000 1] [--no-cqrs]
python -m bench.consumer --handled 10000000    # beside itself with so many handled events

The queue is filled, the consumer started, and the time taken from the first event that has taken
effect to the last. django-cqrs, which handles one message after another, gets a tenth of them, as
its own master model publishes them.
"""

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import psycopg

from bench.kit.consuming import bench_of, consume, number, timed
from bench.kit.cqrs import CQRS_QUEUE, master, replica
from bench.kit.processes import Program
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from bench.kit.stack import QUOTES, Stack, stack
from bench.kit.workers import Worker, peer_command
from tools.children import wait_until

OURS, BY_HAND, CQRS = "this consumer", "psycopg and pika by hand", "django-cqrs"
# Ids as the product's are, which come in no order.
_HANDLED = """INSERT INTO messaging_inbox (event_id, source, handled_at)
SELECT gen_random_uuid(), '/likes', now() FROM generate_series(1, %s)"""


def main() -> None:
    """Measure, print the table and write its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--quotes", type=int, nargs="+", default=[QUOTES, 1], help="a table each")
    parser.add_argument("--no-cqrs", action="store_true", help="which takes the longest")
    parser.add_argument("--handled", type=int, default=0)
    asked = parser.parse_args()
    if asked.handled:
        _beside_a_long_past(asked)
        return
    with stack() as made, ExitStack() as running:
        for quotes in asked.quotes:
            name = "consumer_one_quote" if quotes == 1 else "consumer"
            _consuming(made, running, name, quotes, asked)


def _consuming(
    made: Stack, running: ExitStack, name: str, quotes: int, asked: argparse.Namespace
) -> None:
    bench = bench_of(made, running, asked.events, quotes=quotes)
    contestants: dict[str, Callable[[], Figures]] = {
        OURS: partial(consume, bench, partial(made.start, "quotes-consumer"), asked.events),
        BY_HAND: partial(consume, bench, partial(_by_hand, made), asked.events),
    }
    if quotes > 1 and not asked.no_cqrs:
        liker = master(made)
        running.callback(liker.stop)
        contestants[CQRS] = partial(_replicate, made, liker, asked.events // 10)
    found = interleaved(contestants, asked.rounds)
    yardsticks = [each for each in contestants if each != OURS]
    Report(name, found, ours=OURS, yardsticks=yardsticks).show()


def _beside_a_long_past(asked: argparse.Namespace) -> None:
    """Compare the consumer, with an empty inbox, with itself after many handled events."""
    with ExitStack() as running:
        contestants: dict[str, Callable[[], Figures]] = {}
        for past in (asked.handled, 0):
            made = running.enter_context(stack())
            bench = bench_of(made, running, asked.events, handled=past)
            bench.database.execute(_HANDLED, [past])
            bench.database.execute("VACUUM ANALYZE messaging_inbox")
            start = partial(made.start, "quotes-consumer")
            contestants[f"{past:,} handled events"] = partial(consume, bench, start, asked.events)
        found = interleaved(contestants, asked.rounds)
    ours, beside = contestants
    Report("consumer_long_past", found, ours=ours, yardsticks=[beside]).show()


def _by_hand(made: Stack) -> Program:
    environment = {"BROKER_URL": made.rabbitmq.url, "DATABASE_URL": made.database("quotes")}
    command, values = peer_command("pika", "batches")
    return Program("by hand", command, {**values, **environment}, made.folder / "by_hand.log")


def _replicate(made: Stack, liker: Worker, count: int) -> Figures:
    """Have django-cqrs publish likes, and then its replica count them."""
    made.purge(CQRS_QUEUE)
    liker.work(count)
    wait_until(lambda: made.waiting(CQRS_QUEUE) == count, patience=60, what="all in the queue")
    with psycopg.connect(made.postgres.url_of("cqrs"), autocommit=True) as database:
        database.execute("TRUNCATE likes_likereplica")
        database.execute("UPDATE likes_quote SET likes = 0")
        database.execute("VACUUM ANALYZE likes_quote")
        query = "SELECT sum(likes)::bigint FROM likes_quote"
        return timed(partial(replica, made), lambda: number(database, query), count)


if __name__ == "__main__":
    main()
