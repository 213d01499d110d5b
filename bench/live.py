"""Live subscriptions: CPU a delivered event, and how long it takes from the commit to a client.

python -m bench.live [--subscribers 2000] [--rate 2] [--seconds 10] [--rounds 5]

An event is a change of one quote, committed in Quotes, which its relay publishes. Beside ours,
GraphQL Yoga's server-sent events on Node, fed by the same events of RabbitMQ through amqplib. The
bare broker is publish to delivery by the same log, at the same rate, after each round.
`--subscribers 100 --rate 100` is the other case of docs/performance.md.
"""

import argparse
import asyncio
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import requests

from bench.kit.live_clients import Clients
from bench.kit.processes import Program, proportional
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from bench.kit.stack import Stack, stack
from bench.kit.workers import Worker, updater_of_quotes
from messaging.brokers import Broker, broker_for
from messaging.events import Message
from tools import npm
from tools.ports import free_port

OURS, YOGA = "this product", "GraphQL Yoga"
NODE = Path(__file__).parent / "peers" / "node"
LOG = "events.log"
PROBE = "bench.probe"  # events of the bare broker, which concern nobody
# A version of the quote, or the number of a probe, and when it was heard of
Heard = Sequence[tuple[int, float]]


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
            name: partial(_measured, program, ports[name], updater, made, asked)
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
    program: Program, port: int, updater: Worker, made: Stack, asked: argparse.Namespace
) -> Figures:
    figures = asyncio.run(_round(program, port, updater, asked))
    broker = broker_for(made.rabbitmq.url, "bench")
    alone = _bare(broker, asked.rate, max(asked.seconds, 200 / asked.rate))
    return {**figures, "p99 : the bare broker's": figures["p99 ms"] / alone}


async def _round(
    program: Program, port: int, updater: Worker, asked: argparse.Namespace
) -> dict[str, float]:
    clients = Clients(port, asked.subscribers)
    await clients.start()
    memory = proportional(program.pid)
    await _update(updater, clients, max(1, int(asked.rate)))  # a second to warm up
    for heard in clients.heard:
        heard.clear()
    before = program.cpu()
    committed = await _update(updater, clients, int(asked.rate * asked.seconds))
    cpu = program.cpu() - before
    clients.stop()
    delivered = sum(map(len, clients.heard))
    times = [1000 * each for heard in clients.heard for each in _latencies(heard, committed)]
    percentiles = statistics.quantiles(times, n=100)
    return {
        "CPU µs a delivered event": cpu / delivered * 1e6,
        "p50 ms": percentiles[49],
        "p99 ms": percentiles[98],
        "MB (PSS)": memory / 1e6,
        "events": delivered,
    }


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


def _bare(broker: Broker, rate: float, seconds: float) -> float:
    """Return the p99, in ms, from publishing to delivery by the log to this process."""
    count = int(rate * seconds)
    publisher = broker.publisher()
    sent: dict[int, float] = {}
    first = time.time_ns()  # so that those of an earlier round, which the log has, are no more
    with _heard(broker, first, count) as heard:
        begin = time.perf_counter()
        for place in range(count):
            time.sleep(max(0.0, begin + place / rate - time.perf_counter()))
            number = first + place
            message = Message(
                exchange="", routing_key=LOG, body=json.dumps({"number": number}).encode(),
                message_id=str(number), type=PROBE,
            )  # fmt: skip
            sent[number] = time.time()
            publisher.send([message])
    publisher.close()
    return statistics.quantiles(_latencies(heard, sent), n=100)[98] * 1000


@contextmanager
def _heard(broker: Broker, first: int, count: int) -> Iterator[Heard]:
    """Have a thread read the log, and at the end wait until it has read so many probes."""
    reader = broker.reader(LOG)
    reader.read(1, 0)
    heard: list[tuple[int, float]] = []

    def read() -> None:
        while len(heard) < count:
            for entry in reader.read(100, 1):
                if entry.message.type == PROBE:
                    number = json.loads(entry.message.body)["number"]
                    if number >= first:
                        heard.append((number, time.time()))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    yield heard
    thread.join()
    reader.close()


def _latencies(heard: Heard, sent: Mapping[int, float]) -> list[float]:
    """Return how long each event took: what is told of a later one has the earlier in it."""
    found, place = [], 0
    for number, at in sent.items():
        while place < len(heard) and heard[place][0] < number:
            place += 1
        if place < len(heard):
            found.append(heard[place][1] - at)
    return found


if __name__ == "__main__":
    main()
