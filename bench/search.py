"""A page of 20 that a search finds among a million quotes, beside a plain page, on both databases.

python -m bench.search [--quotes 1000000] [--rounds 5] [--plans] [DATABASE …]
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import quote

import requests

from bench.kit import many_texts
from bench.kit.report import Report
from bench.kit.rest_services import environment, quotes
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from tools.product import manage
from tools.servers import PrivatePostgres

DATABASES = ("PostgreSQL", "SQLite")
PLAIN = "plain page"
PAGES = 20  # a round
SEARCHES = {
    "in every other quote": "always",
    "in one of a thousand": "wisdom",
    "in three": "roosevelt",
    "in none": "xylophone",
    "in the oldest tenth alone": "ancient",
    "two letters": "qu",
    "one letter, in three": "七",
    "a common word and a rare one": "always roosevelt",
    "a common word and one of a thousand": "never wisdom",
    "two common words that never meet": "always never",
    "forty words": " ".join("abcdefghijklmnopqrstuvwxyz0123456789+-*/"),
    "a word of 200 letters": "always" * 33,
}
ORDERS = ("newest", "most_liked")
# Prints each statement of a page that was asked for before, with its plan. For a shell of Quotes,
# whose models are known there alone.
_EXPLAIN = """
from django.db import connection
from django.test.utils import CaptureQueriesContext
from quotes_service.lists import QuoteFilter
from quotes_service.reads import quotes_page
for name, order, search in PAGES:
    for filter in [QuoteFilter(search=search)] * 2:
        with CaptureQueriesContext(connection) as captured:
            quotes_page(filter, order=order, limit=20)
    print(f"==== {order}, {name}")
    for each in captured.captured_queries:
        print(each["sql"][:400])
        with connection.cursor() as cursor:
            kind = "(ANALYZE, BUFFERS)" if connection.vendor == "postgresql" else "QUERY PLAN"
            cursor.execute(f"EXPLAIN {kind} " + each["sql"].replace("%", "%%"), [])
            for row in cursor.fetchall():
                print("    ", row[-1])
"""


def main() -> None:
    """Measure, print the tables and write their JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("databases", nargs="*", default=DATABASES, help="PostgreSQL or SQLite")
    parser.add_argument("--quotes", type=int, default=1_000_000, help="how many there are")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--plans", action="store_true", help="print the plan of each statement")
    asked = parser.parse_args()
    for database in asked.databases:
        with tempfile.TemporaryDirectory() as place, ExitStack() as running:
            folder = Path(place)
            if database == "PostgreSQL":
                postgres = running.enter_context(PrivatePostgres())
                url = postgres.create_database("quotes")
            else:
                url = f"sqlite:///{folder / 'quotes.sqlite3'}"
            values = os.environ | environment(url, folder)
            started = time.monotonic()
            many_texts.fill(values, url, asked.quotes)
            print(f"{database} filled in {time.monotonic() - started:.0f} s", flush=True)
            if asked.plans:
                print(_plans(values))
            service = quotes(url, folder)
            running.callback(service.program.stop)
            _show(database, service.url, asked.quotes, asked.rounds)


def _plans(environment: Mapping[str, str]) -> str:
    searches = [(PLAIN, ""), *SEARCHES.items()]
    pages = [(name, order, search) for order in ORDERS for name, search in searches]
    script = f"PAGES = {pages!r}\n{_EXPLAIN}"
    return manage("quotes_service", "shell", "--no-imports", "-c", script, environment=environment)


def _show(database: str, url: str, number: int, rounds: int) -> None:
    session = requests.Session()
    contestants: dict[str, Callable[[], Figures]] = {}
    for order in ORDERS:
        plain = f"{url}/quotes?limit=20&order={order}"
        contestants[f"{order}: {PLAIN}"] = partial(_round, session, plain)
        for name, search in SEARCHES.items():
            path = f"{plain}&search={quote(search)}"
            held = len(session.get(path, timeout=60).json()["items"])
            contestants[f"{order}: {name} ({held} on the page)"] = partial(_round, session, path)
    found = interleaved(contestants, rounds)
    for order in ORDERS:
        of_order = {name: each for name, each in found.items() if name.startswith(order)}
        yardstick, *searches = of_order
        print(f"\n{database}, {order}, {number:,} quotes; in brackets the plain page by it")
        name = f"search_{database.lower()}_{order}"
        Report(name, of_order, ours=yardstick, yardsticks=searches).show()


def _round(session: requests.Session, path: str) -> Figures:
    """Read a page again and again. Return how long it took."""
    taken = []
    session.get(path, timeout=60)
    for _ in range(PAGES):
        started = time.perf_counter()
        response = session.get(path, timeout=60)
        taken.append((time.perf_counter() - started) * 1000)
        response.raise_for_status()
    return {"p50 ms": statistics.median(taken), "slowest ms": max(taken)}


if __name__ == "__main__":
    main()
