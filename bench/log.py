"""What the log of live subscriptions costs the relay and the consumer of Quotes, by turns.

python -m bench.log [--events 20000] [--rate 100] [--rounds 5]

With it the relay sends each change of a quote twice, to the exchange and to the log; the consumer
writes an event of each quote whose likes a batch has changed. CPU is that of either, per event:
of so many that wait, and of the relay at a steady rate, too.
"""

import argparse
from contextlib import ExitStack
from functools import partial

from bench.kit.consuming import Bench, bench_of, consume
from bench.kit.messages import changes
from bench.kit.publishing import drain, wait_until_empty
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from bench.kit.stack import Stack, stack
from bench.kit.workers import Worker, updater_of_quotes

WITH, WITHOUT = "with the log", "without it"
SECONDS = 10  # of a steady rate
SETTINGS = {WITH: "quotes_service.settings", WITHOUT: "bench.kit.quotes_without_log"}


def main() -> None:
    """Measure, print the tables and write their JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    asked = parser.parse_args()
    with stack() as made, ExitStack() as running:
        found = interleaved(
            {name: partial(_publish, made, each, asked.events) for name, each in SETTINGS.items()},
            asked.rounds,
        )
        Report("log_relay", found, ours=WITH, yardsticks=[WITHOUT]).show()
        updater = updater_of_quotes(made, asked.rate)
        running.callback(updater.stop)
        found = interleaved(
            {name: partial(_steadily, made, each, updater, asked.rate)
             for name, each in SETTINGS.items()},
            asked.rounds,
        )  # fmt: skip
        Report("log_relay_steadily", found, ours=WITH, yardsticks=[WITHOUT]).show()
        bench = bench_of(made, running, asked.events)
        found = interleaved(
            {name: partial(_consume, bench, each, asked.events) for name, each in SETTINGS.items()},
            asked.rounds,
        )
        Report("log_consumer", found, ours=WITH, yardsticks=[WITHOUT]).show()


def _publish(made: Stack, settings: str, count: int) -> Figures:
    relay = made.start("quotes-relay", DJANGO_SETTINGS_MODULE=settings)
    try:
        return drain(made, relay, changes(count), count, service="quotes", queue="likes")
    finally:
        relay.stop()


def _steadily(made: Stack, settings: str, updater: Worker, rate: float) -> Figures:
    relay = made.start("quotes-relay", DJANGO_SETTINGS_MODULE=settings)
    try:
        updater.work(int(rate))  # a second to warm up
        before, count = relay.cpu(), int(rate * SECONDS)
        updater.work(count)
        wait_until_empty(made, "quotes")
        return {"CPU ms": (relay.cpu() - before) / count * 1000, "events": count}
    finally:
        relay.stop()


def _consume(bench: Bench, settings: str, count: int) -> Figures:
    bench.database.execute("TRUNCATE messaging_outbox")  # nobody publishes here
    start = partial(bench.made.start, "quotes-consumer", DJANGO_SETTINGS_MODULE=settings)
    return consume(bench, start, count)


if __name__ == "__main__":
    main()
