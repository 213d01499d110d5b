"""The page that a frontend shows first, through this gateway and through its peers.

python -m bench.gateway_page [--seconds 5] [--rounds 5] [--delay 0] [NAME …]
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import requests

from bench.fixed_upstream import Upstream, upstream
from bench.gateways import Gateway, node, ours, python
from bench.report import Report
from bench.rounds import LEAST_ROUNDS, interleaved
from bench.wrk import measured, wrk

QUERY = """{
  quotes(first: 20) {
    edges { cursor node { id title author likes likedByMe createdAt } }
    pageInfo { hasNextPage endCursor }
  }
}"""
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
# Requests, not seconds, since the machine has other work: Node compiles what is used often, and
# its CPU per request halves within the first thousands.
WARM_UP = 8_000


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
        script = _script(folder, shared.token)
        contestants = {}
        answers = {}
        for name, start in chosen.items():
            gateway = start(shared, folder)
            running.callback(gateway.program.stop)
            answers[name] = _answer(gateway.url, shared.token)
            _warm_up(gateway.url, script)
            contestants[name] = partial(
                measured,
                gateway.url,
                {"CPU ms": gateway.program.cpu},
                seconds=asked.seconds,
                script=script,
            )
        if any(answer != answers[next(iter(answers))] for answer in answers.values()):
            raise SystemExit(f"They don't answer the same: {answers}")
        found = interleaved(contestants, asked.rounds)
    name = f"gateway_page_{asked.delay:g}ms" if asked.delay else "gateway_page"
    Report(name, found, ours=OURS, yardsticks=[each for each in chosen if each != OURS]).show()


def _answer(url: str, token: str) -> object:
    """Answer what a gateway says, without the spelling of times."""
    headers = {"Authorization": f"Bearer {token}"}
    response = requests.post(url, json={"query": QUERY}, headers=headers, timeout=10)
    page = response.json()["data"]["quotes"]
    for edge in page["edges"]:
        edge["node"]["createdAt"] = edge["node"]["createdAt"][:19]
    return page


def _warm_up(url: str, script: str) -> None:
    answered = 0.0
    while answered < WARM_UP:
        answered += wrk(url, seconds=3, script=script)["requests"]


def _script(folder: Path, token: str) -> str:
    script = folder / "page.lua"
    body = json.dumps(json.dumps({"query": QUERY}))
    script.write_text(
        f'wrk.method = "POST"\nwrk.body = {body}\n'
        'wrk.headers["Content-Type"] = "application/json"\n'
        f'wrk.headers["Authorization"] = "Bearer {token}"\n'
    )
    return str(script)


if __name__ == "__main__":
    main()
