"""Requests that are small to write and large to execute, beside the page of 20 quotes.

python -m bench.hostile [--rounds 5] [--documents 100000] [NAME …]

On PostgreSQL, with 1,000 quotes, the newest hundred liked 5,000 times each. CPU is that of gateway,
services and PostgreSQL. Each request has a text of its own, so that nothing is found prepared. At
the end: the memory of one process after so many distinct documents.
"""

import argparse
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import requests

from bench.kit.page import QUERY
from bench.kit.processes import cpu_of, resident
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from bench.kit.stack import QUOTES, Stack, stack
from tests.gateway.hostile import HOSTILE, Hostile
from tools.ports import configured_ports
from tools.product import PORT_OF

PAGE = "the page of 20 quotes"
LIKED, LIKES = 100, 5_000  # quotes, and likes of each
OFTEN, SELDOM = 100, 5  # requests a round
TICK = 0.01  # seconds of CPU, of which less isn't told
FEW = 1_000
_LIKERS = "quotes(first: 100) { nodes { likedBy(first: 1) { pageInfo { hasNextPage } } } }"
REQUESTS: dict[str, Hostile] = {
    PAGE: {"query": QUERY},
    "whether 100 quotes have a second liker": {"query": f"{{ {_LIKERS} }}"},
    "the same by eight aliases": {
        "query": f"{{ {' '.join(f'a{number}: {_LIKERS}' for number in range(8))} }}"
    },
    **HOSTILE,
}


def main() -> None:
    """Measure, print the tables and write their JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names; all if there is none")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--documents", type=int, default=100_000)
    asked = parser.parse_args()
    chosen = [
        name
        for name in REQUESTS
        if name == PAGE or not asked.names or any(part in name for part in asked.names)
    ]
    with stack() as made, ExitStack() as running:
        _like(made)
        programs = [made.start(name) for name in ("quotes", "likes", "gateway")]
        for program in programs:
            running.callback(program.stop)
        url = f"http://127.0.0.1:{configured_ports(made.environment)[PORT_OF['gateway']]}/graphql"

        def spent() -> float:
            return cpu_of(made.postgres.pid) + sum(program.cpu() for program in programs)

        numbers = itertools.count()
        contestants = {name: partial(_round, url, name, numbers, spent) for name in chosen}
        found = interleaved(contestants, asked.rounds)
    others = [name for name in chosen if name != PAGE]
    Report("hostile", found, ours=PAGE, yardsticks=others).show()
    _show_memory(asked.documents)


def _like(made: Stack) -> None:
    with made.connect("likes") as connection:
        connection.execute(
            "INSERT INTO likes_service_like (user_id, quote_id, created_at, events)"  # noqa: S608
            f" SELECT u, q, now(), '[]' FROM generate_series(1, {LIKES}) AS u,"
            f" generate_series({QUOTES - LIKED + 1}, {QUOTES}) AS q".encode()
        )
        connection.execute(b"ANALYZE")


def _round(url: str, name: str, numbers: Iterator[int], spent: Callable[[], float]) -> Figures:
    body, times = REQUESTS[name], OFTEN if name == PAGE else SELDOM
    before, size = spent(), 0
    with requests.Session() as session:
        for _ in range(times):
            sent = {**body, "query": f"#{next(numbers)}\n{body['query']}"}
            size = len(session.post(url, json=sent, timeout=60).content)
    taken = max(spent() - before, TICK)
    return {"CPU ms": taken * 1000 / times, "kB of response": size / 1000}


def _show_memory(documents: int) -> None:
    """Prepare documents in this process, and print its memory after some and after all."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")
    import django

    django.setup()
    from gateway.execution.documents import prepare

    early = 0
    for number in range(documents):
        prepare(_document(number), None)
        if number == FEW:
            early = resident(os.getpid())
    late = resident(os.getpid())
    found = {
        f"after {FEW:,} documents": [{"MB": early / 1e6}],
        f"after {documents:,}": [{"MB": late / 1e6}],
    }
    first, last = found
    Report("hostile_memory", found, ours=first, yardsticks=[last]).show()


def _document(number: int) -> str:
    """Return one of some kinds: refused, of many tokens, of long names, and of texts."""
    name = f"n{number}"
    return (
        f"{{ quotes {{ nodes {{ {name * 20} }} }} }}",
        f"#{number}\n{{ quotes {{ nodes {{ {'id ' * 100}}} }} }}",
        f"{{ {name * 30}: quotes {{ nodes {{ id }} }} }}",
        f'{{ quotes(search: "{name * 500}") {{ nodes {{ id }} }} }}',
        f"#{number}\n{{ quotes {{ nodes {{ {'id ' * (1_900 if number % 100 == 4 else 10)}}} }} }}",
    )[number % 5]


if __name__ == "__main__":
    main()
