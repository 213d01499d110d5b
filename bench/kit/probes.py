"""Messages that concern nobody, by the log: how long the broker alone takes for one.

As a program it does so in rounds, beside whatever the benchmark measures: `probes URL RATE`.
"""

import json
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from bench.kit.stack import Stack
from bench.kit.workers import Worker
from bench.peers.control import serve
from messaging.brokers import Broker, broker_for
from messaging.events import Message

LOG = "events.log"
PROBE = "bench.probe"
# The version of a quote, or the number of a probe, and when it was heard of
Heard: TypeAlias = Sequence[tuple[int, float]]


def main() -> None:
    """Serve the benchmark."""
    url, rate = sys.argv[1], float(sys.argv[2])
    broker = broker_for(url, "bench")
    serve(lambda count: {"p99 ms": p99_of_probes(broker, rate, count)})


def probes_beside(made: Stack, rate: float) -> Worker:
    """Start what sends so many probes a second, as often as it is asked to."""
    command = [sys.executable, "-m", "bench.kit.probes", made.rabbitmq.url, str(rate)]
    return Worker("probes", command, made.environment, made.folder / "probes.log")


def p99_of_probes(broker: Broker, rate: float, count: int) -> float:
    """Return the p99, in ms, from publishing to delivery by the log to this process."""
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
    return statistics.quantiles(latencies(heard, sent), n=100)[98] * 1000


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


def latencies(heard: Heard, sent: Mapping[int, float]) -> list[float]:
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
