"""Live subscriptions: CPU a delivered event, and how long it takes from the broker to a client.

python -m bench.live [--subscribers 2000] [--rate 2] [--seconds 10] [--rounds 5]

Beside it GraphQL Yoga's server-sent events on Node, fed by the same events of RabbitMQ through
amqplib. An event is a count of likes of one quote. `--subscribers 100 --rate 100` is the other
case of docs/performance.md. Ours reads the quote from a service that answers at once. The broker
by itself is a reader of the log in this process, which measures the same events meanwhile.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.kit.live_clients import Clients
from bench.kit.processes import Program, proportional, shipped
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from messaging.brokers import Broker, broker_for
from messaging.brokers.interface import Log, Publisher, Topology
from messaging.events import Message
from tools import npm
from tools.ports import free_port
from tools.servers import PrivateRabbitMQ

OURS, YOGA = "this product", "GraphQL Yoga"
NODE = Path(__file__).parent / "peers" / "node"
AT = "2026-11-25T04:38:40.123456Z"
likes = 0  # of the only quote


class Quotes(BaseHTTPRequestHandler):
    """The service, with one quote."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer the quote, whatever is asked."""
        quote = {"id": 1, "title": "To be.", "author": None, "likes": likes, "version": 1}
        quote |= {"created_by": None, "created_at": AT, "updated_at": AT, "cursor": "c1"}
        page = {"items": [quote], "page_info": {"has_next": False, "has_previous": False}}
        body = json.dumps(page).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    """Measure, print the table and write its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=2)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    asked = parser.parse_args()
    npm.install(NODE)
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        rabbitmq = running.enter_context(PrivateRabbitMQ())
        broker = broker_for(rabbitmq.url, "bench")
        declare(broker)
        log = LogReader(broker)
        running.callback(log.stop)
        publisher = broker.publisher()
        running.callback(publisher.close)
        service = ThreadingHTTPServer(("127.0.0.1", 0), Quotes)
        running.callback(service.shutdown)
        threading.Thread(target=service.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{service.server_port}"
        environment = {"BROKER_URL": rabbitmq.url, "QUOTES_URL": url, "LIKES_URL": url}
        contestants: dict[str, Callable[[], Figures]] = {}
        for name, command in {OURS: shipped("live"), YOGA: ["node", str(NODE / "live.js")]}.items():
            port = free_port()
            values = {**environment, "LIVE_PORT": str(port), "PORT": str(port), "ENV_FILE": ""}
            values["LIVE_MAX_PER_CALLER"] = str(asked.subscribers)
            program = Program(name, command, values, folder / f"{port}.log")
            running.callback(program.stop)
            program.wait_for_port(port)
            contestants[name] = partial(_measured, program, port, publisher, log, asked)
        found = interleaved(contestants, asked.rounds)
    title = f"live-{asked.subscribers}-at-{asked.rate:g}"
    Report(title, found, ours=OURS, yardsticks=[YOGA]).show()


def declare(broker: Broker) -> None:
    """Make the exchange, and the log as Quotes has it."""
    log = Log(name="events.log", max_age=timedelta(days=1), max_bytes=500_000_000)
    topology = Topology(
        exchange="events", queue="quotes", bindings=[], retry_delays=[], delivery_limit=20, log=log
    )
    broker.declare(topology)


class LogReader:
    """Reads the log as the broker delivers it, and notes when; in a thread of its own."""

    def __init__(self, broker: Broker) -> None:
        self.heard: list[tuple[int, float]] = []
        self._reader = broker.reader("events.log", None)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop reading."""
        self._stopped.set()
        self._reader.close()
        self._thread.join()

    def _read(self) -> None:
        while not self._stopped.is_set():
            for entry in self._reader.read(100, 1):
                self.heard.append((json.loads(entry.message.body)["likes"], time.perf_counter()))


def _measured(
    program: Program, port: int, publisher: Publisher, log: LogReader, asked: argparse.Namespace
) -> Figures:
    return asyncio.run(_round(program, port, publisher, log, asked))


async def _round(
    program: Program, port: int, publisher: Publisher, log: LogReader, asked: argparse.Namespace
) -> Figures:
    clients = Clients(port, asked.subscribers)
    await clients.start()
    memory = proportional(program.pid)
    sent: dict[int, float] = {}
    await _publish(publisher, sent, asked.rate, 1)  # to warm up
    await _until_told(clients, max(sent))
    for heard in clients.heard:
        heard.clear()
    log.heard.clear()
    sent.clear()
    before = program.cpu()
    await _publish(publisher, sent, asked.rate, asked.seconds)
    await _until_told(clients, max(sent))
    cpu = program.cpu() - before
    await clients.stop()
    delivered = sum(map(len, clients.heard))
    times = [1000 * each for heard in clients.heard for each in _latencies(heard, sent)]
    percentiles = statistics.quantiles(times, n=100)
    alone = [1000 * each for each in _latencies(log.heard, sent)]
    broker_p99 = statistics.quantiles(alone, n=100)[98]
    return {
        "CPU µs a delivered event": cpu / delivered * 1e6,
        "p50 ms": percentiles[49],
        "p99 ms": percentiles[98],
        "p99 : the broker's": percentiles[98] / broker_p99,
        "MB (PSS)": memory / 1e6,
        "events": delivered,
    }


async def _publish(
    publisher: Publisher, sent: dict[int, float], rate: float, seconds: float
) -> None:
    global likes
    begin = time.perf_counter()
    for number in range(max(1, int(rate * seconds))):
        await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        likes += 1
        data = {"id": 1, "title": "To be.", "likes": likes, "sequence": likes}
        kind = "quotes.quote.counted"
        message = Message(
            exchange="events", routing_key=kind, body=json.dumps(data).encode(),
            message_id=str(likes), type=kind,
        )  # fmt: skip
        logged = Message(
            exchange="", routing_key="events.log", body=message.body,
            message_id=message.message_id, type=kind,
        )  # fmt: skip
        sent[likes] = time.perf_counter()
        publisher.send([logged, message])


async def _until_told(clients: Clients, last: int) -> None:
    while not all(heard and heard[-1][0] >= last for heard in clients.heard):
        await asyncio.sleep(0.01)


def _latencies(heard: list[tuple[int, float]], sent: dict[int, float]) -> list[float]:
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
