"""Live subscriptions: CPU a delivered event, and how long it takes from the commit to a client.

python -m bench.live [--subscribers 2000] [--rate 2] [--seconds 10] [--rounds 5]

An event is a change of one quote, committed in Quotes, which its relay publishes. Beside ours,
GraphQL Yoga's server-sent events on Node, fed by the same events of RabbitMQ through amqplib. The
broker's own time is publish to delivery of probes by the same log: the busy broker's beside all
that, in the second half of a round, and the bare broker's after it, with nothing else at work.
`--subscribers 100 --rate 100` is the other case of docs/performance.md.
"""

import argparse
import asyncio
import statistics
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import requests

from bench.kit.live_clients import Clients
from bench.kit.probes import latencies, p99_of_probes, probes_beside
from bench.kit.processes import Program, proportional
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from bench.kit.stack import Stack, stack
from bench.kit.workers import Worker, updater_of_quotes
from messaging.brokers import broker_for
from tools import npm
from tools.ports import free_port

OURS, YOGA = "this product", "GraphQL Yoga"
NODE = Path(__file__).parent / "peers" / "node"
LEAST_PROBES = 200  # by which a 99th percentile can be told


def main() -> None:
    """Measure, print the table and write its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=2)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    asked = parser.parse_args()
    npm.install(NODE)
    with stack() as made, ExitStack() as running:
        for name in ("quotes", "quotes-relay"):
            running.callback(made.start(name).stop)
        updater = updater_of_quotes(made, asked.rate)
        running.callback(updater.stop)
        probes = probes_beside(made, LEAST_PROBES / asked.seconds)
        running.callback(probes.stop)
        live = made.start("live", LIVE_MAX_PER_CALLER=str(asked.subscribers))
        running.callback(live.stop)
        ports = {OURS: int(made.environment["LIVE_PORT"]), YOGA: free_port()}
        live.wait_for(partial(_reads_the_log, ports[OURS]))
        values = {"BROKER_URL": made.rabbitmq.url, "PORT": str(ports[YOGA])}
        yoga = Program(YOGA, ["node", str(NODE / "live.js")], values, made.folder / "yoga.log")
        running.callback(yoga.stop)
        yoga.wait_for_port(ports[YOGA])
        programs = {OURS: live, YOGA: yoga}
        contestants: dict[str, Callable[[], Figures]] = {
            name: partial(_measured, program, ports[name], updater, probes, made, asked)
            for name, program in programs.items()
        }
        found = interleaved(contestants, asked.rounds)
    title = f"live-{asked.subscribers}-at-{asked.rate:g}"
    Report(title, found, ours=OURS, yardsticks=[YOGA]).show()


def _reads_the_log(port: int) -> bool:
    """Return whether `live` does so: until then it takes no subscribers."""
    ready = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=10)
    return bool(ready.json()["checks"]["log"] == "ok")


def _measured(
    program: Program,
    port: int,
    updater: Worker,
    probes: Worker,
    made: Stack,
    asked: argparse.Namespace,
) -> Figures:
    figures = asyncio.run(_round(program, port, updater, probes, asked))
    broker = broker_for(made.rabbitmq.url, "bench")
    count = max(LEAST_PROBES, int(asked.rate * asked.seconds))
    alone = p99_of_probes(broker, asked.rate, count)
    return {**figures, "p99 : the bare broker's": figures["p99 ms"] / alone}


async def _round(
    program: Program, port: int, updater: Worker, probes: Worker, asked: argparse.Namespace
) -> dict[str, float]:
    clients = Clients(port, asked.subscribers)
    await clients.start()
    memory = proportional(program.pid)
    count = int(asked.rate * asked.seconds)
    await _update(updater, clients, max(1, int(asked.rate)))  # a second to warm up
    clients.forget()
    before = program.cpu()
    percentiles = _percentiles(clients, await _update(updater, clients, count))
    cpu, delivered = program.cpu() - before, sum(map(len, clients.heard))
    clients.forget()
    committed, broker = await asyncio.gather(
        _update(updater, clients, count),
        asyncio.to_thread(probes.work, LEAST_PROBES),
    )
    clients.stop()
    return {
        "CPU µs a delivered event": cpu / delivered * 1e6,
        "p50 ms": percentiles[49],
        "p99 ms": percentiles[98],
        "MB (PSS)": memory / 1e6,
        "events": delivered,
        "p99 : the busy broker's": _percentiles(clients, committed)[98] / broker["p99 ms"],
    }


def _percentiles(clients: Clients, committed: Mapping[int, float]) -> list[float]:
    """Return how long it took from the commit to the clients, in ms: the 1st to the 99th."""
    times = [1000 * each for heard in clients.heard for each in latencies(heard, committed)]
    return statistics.quantiles(times, n=100)


async def _update(updater: Worker, clients: Clients, count: int) -> dict[int, float]:
    """Have so many changes committed, and wait until each client has heard of the last.

    Return when each version was committed.
    """
    found = await asyncio.to_thread(updater.work, count)
    del found["seconds"]
    committed = {int(version): at for version, at in found.items()}
    last = max(committed)
    while not all(heard and heard[-1][0] >= last for heard in clients.heard):
        await asyncio.sleep(0.01)
    return committed


if __name__ == "__main__":
    main()
