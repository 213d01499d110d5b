"""Each fast path by turns against its plain way: what it gives is why it stays.

python -m bench.fast_paths [--only gateway | messaging] [--rounds 5] [--seconds 2] [--delays 0 5 20]

A plain way is chosen by its setting. In brackets is the product as it ships divided by it.
"""

import argparse
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.kit import page
from bench.kit.consuming import bench_of, consume
from bench.kit.fixed_upstream import upstream
from bench.kit.gateways import ours
from bench.kit.messages import Messages, messages
from bench.kit.publishing import drain
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from bench.kit.stack import Stack, stack
from bench.kit.wrk import measured

SHIPS = "as it ships"
GATEWAY: Mapping[str, Mapping[str, str]] = {
    SHIPS: {},
    "GRAPHQL_COMPILED=0": {"GRAPHQL_COMPILED": "0"},
    "UPSTREAM_TRANSPORT=requests": {"UPSTREAM_TRANSPORT": "requests"},
    "both": {"GRAPHQL_COMPILED": "0", "UPSTREAM_TRANSPORT": "requests"},
}
MESSAGING: Mapping[str, Mapping[str, str]] = {SHIPS: {}, "AMQP_FAST=0": {"AMQP_FAST": "0"}}
WARM_UP = 2_000  # requests, and events


def main() -> None:
    """Measure, print the tables and write their JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["gateway", "messaging"])
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--seconds", type=int, default=2, help="of each round of the gateway")
    parser.add_argument("--delays", type=float, nargs="+", default=[0, 5, 20], help="in ms")
    parser.add_argument("--events", type=int, default=50_000, help="of each round of messaging")
    asked = parser.parse_args()
    if asked.only != "messaging":
        for delay in asked.delays:
            _gateway(delay, asked.seconds, asked.rounds)
    if asked.only != "gateway":
        _messaging(asked.events, asked.rounds)


def _gateway(delay: float, seconds: int, rounds: int) -> None:
    """Load the page of 20 quotes, over services that respond after so many ms."""
    with tempfile.TemporaryDirectory() as place, ExitStack() as running:
        folder = Path(place)
        shared = running.enter_context(upstream(folder, delay_ms=delay))
        script = page.script(folder, shared.token)
        contestants: dict[str, Callable[[], Figures]] = {}
        for name, settings in GATEWAY.items():
            gateway = ours(shared, folder, **settings)
            running.callback(gateway.program.stop)
            page.warm_up(gateway.url, script, WARM_UP)
            cpu = {"CPU ms": gateway.program.cpu}
            contestants[name] = partial(measured, gateway.url, cpu, seconds=seconds, script=script)
        _show(f"the gateway over {delay:g} ms", contestants, rounds)


def _messaging(events: int, rounds: int) -> None:
    """Publish events from the outbox, then count them from the queue."""
    with stack() as made, ExitStack() as running:
        published = messages(made.folder / "messages.json", events)
        relays = {
            name: partial(_relay, made, published, events, settings)
            for name, settings in MESSAGING.items()
        }
        _show("the relay", relays, rounds)
        bench = bench_of(made, running, events)
        consumers = {
            name: partial(
                consume, bench, partial(made.start, "quotes-consumer", **settings), events
            )
            for name, settings in MESSAGING.items()
        }
        _show("the consumer", consumers, rounds)


def _relay(made: Stack, events: Messages, count: int, settings: Mapping[str, str]) -> Figures:
    relay = made.start("likes-relay", **settings)  # one at a time: they take turns
    try:
        drain(made, relay, events.events, min(count, WARM_UP))
        return drain(made, relay, events.events, count)
    finally:
        relay.stop()


def _show(name: str, contestants: Mapping[str, Callable[[], Figures]], rounds: int) -> None:
    print(f"\n{name[0].upper()}{name[1:]}:\n")
    found = interleaved(contestants, rounds)
    others = [each for each in contestants if each != SHIPS]
    Report(f"fast_paths_{name.replace(' ', '_')}", found, ours=SHIPS, yardsticks=others).show()


if __name__ == "__main__":
    main()
