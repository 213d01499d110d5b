"""The page that a frontend shows first, through this gateway and through its peers.

python -m bench.gateway_page [--seconds 5] [--rounds 5] [--delay 0] [NAME …]
"""

import argparse
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.kit import page
from bench.kit.fixed_upstream import Upstream, upstream
from bench.kit.gateways import Gateway, node, ours, python
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, interleaved
from bench.kit.wrk import measured

OURS = "this gateway"
YARDSTICK = "Apollo Server, 2 processes"
GATEWAYS: dict[str, Callable[[Upstream, Path], Gateway]] = {
    OURS: ours,
    "Apollo Server, 1 process": node("apollo", 1),
    YARDSTICK: node("apollo", 2),
    "GraphQL Yoga, 2 processes": node("yoga", 2),
    "Hive Gateway with resolvers by hand, 2 processes": node("gateway", 2, peer="hive"),
    "Hive Gateway with Mesh, 2 processes": node("gateway", 2, peer="hive_mesh"),
    "Ariadne, 2 processes": python("ariadne"),
    "graphene-django, 2 processes": python("graphene"),
}


def main() -> None:
    """Measure, print the table and write its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names; all if there is none")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--delay", type=float, default=0, help="of the upstream, in ms")
    asked = parser.parse_args()
    chosen = {
        name: start
        for name, start in GATEWAYS.items()
        if not asked.names or any(part.lower() in name.lower() for part in asked.names)
    }
    with tempfile.TemporaryDirectory() as place, ExitStack() as running:
        folder = Path(place)
        shared = running.enter_context(upstream(folder, delay_ms=asked.delay))
        script = page.script(folder, shared.token)
        contestants = {}
        pages = {}
        for name, start in chosen.items():
            gateway = start(shared, folder)
            running.callback(gateway.program.stop)
            pages[name] = page.read(gateway.url, shared.token)
            page.warm_up(gateway.url, script)
            contestants[name] = partial(
                measured,
                gateway.url,
                {"CPU ms": gateway.program.cpu},
                seconds=asked.seconds,
                script=script,
            )
        if any(each != pages[next(iter(pages))] for each in pages.values()):
            raise SystemExit(f"They don't return the same: {pages}")
        found = interleaved(contestants, asked.rounds)
    name = f"gateway_page_{asked.delay:g}ms" if asked.delay else "gateway_page"
    Report(name, found, ours=OURS, yardsticks=[each for each in chosen if each != OURS]).show()


if __name__ == "__main__":
    main()
