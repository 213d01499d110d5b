"""A page of 20 quotes from Quotes on PostgreSQL, at any depth, beside Django REST framework.

python -m bench.rest_page [--quotes 100000] [--seconds 1] [--rounds 5] [NAME …]
"""

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import requests

from bench.kit import quotes_table
from bench.kit.report import Report
from bench.kit.rest_services import Service, drf, environment, loaded, quotes
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from rest.cursors import encode_cursor
from tools.servers import PrivatePostgres

DEPTHS = ("first", "middle", "last")
OURS = "newest, first page"
PAGES = 100  # that are asked for in turn, so that no single one is what is fast


def main() -> None:
    """Measure, print the table and write its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names, besides the first page's")
    parser.add_argument("--quotes", type=int, default=100_000, help="how many there are")
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, ExitStack() as running:
        folder = Path(place)
        postgres = running.enter_context(PrivatePostgres())
        database = postgres.create_database("quotes")
        quotes_table.fill(database, os.environ | environment(database, folder), asked.quotes)
        keys = {
            (order, depth): _keys(database, order, depth, asked.quotes)
            for order in quotes_table.ORDERS
            for depth in DEPTHS
        }
        services = {"": quotes(database, folder), "Django REST framework: ": drf(database, folder)}
        for service in services.values():
            running.callback(service.program.stop)
        _check_that_they_agree(list(services.values()), keys["newest", "middle"][0])
        contestants: dict[str, Callable[[], Figures]] = {}
        for prefix, service in services.items():
            for (order, depth), cursors in keys.items():
                name = f"{prefix}{order}, {depth} page"
                if prefix and (order != "newest" or depth == "last"):
                    continue
                if name != OURS and not _is_asked(name, asked.names):
                    continue
                paths = [service.page(order, cursor) for cursor in cursors]
                script = _script(folder / f"{len(contestants)}.lua", paths)
                contestants[name] = partial(
                    loaded,
                    service.program,
                    postgres,
                    service.url,
                    seconds=asked.seconds,
                    script=script,
                )
        ours = services[""]
        for name, paths in _filtered(database, asked.quotes).items():
            if _is_asked(name, asked.names):
                script = _script(folder / f"{len(contestants)}.lua", paths)
                contestants[name] = partial(
                    loaded,
                    ours.program,
                    postgres,
                    ours.url,
                    seconds=asked.seconds,
                    script=script,
                )
        found = interleaved(contestants, asked.rounds)
    others = [name for name in contestants if name != OURS]
    Report(f"rest_page_{asked.quotes}", found, ours=OURS, yardsticks=others).show()


def _filtered(database: str, quotes: int) -> dict[str, list[str]]:
    """Return the paths of pages of lists with filters, at three depths, and of their totals."""
    found = {}
    for name, filtered in quotes_table.FILTERED.items():
        path = f"/quotes?limit=20&{filtered.query}"
        size = int(quotes * filtered.part)
        found[f"{name}, first page"] = [path]
        for depth, place in (("middle", size // 2), ("last", max(0, size - PAGES - 20))):
            keys = quotes_table.keys_in(database, filtered, place, PAGES)
            found[f"{name}, {depth} page"] = [
                f"{path}&after={encode_cursor(filtered.order, each)}" for each in keys
            ]
        found[f"{name}, total"] = [f"/quotes/total?{filtered.query.partition('&order')[0]}"]
    return found


def _is_asked(name: str, parts: Sequence[str]) -> bool:
    return not parts or any(part.lower() in name.lower() for part in parts)


def _keys(database: str, order: str, depth: str, quotes: int) -> Sequence[Sequence[int]]:
    """Return what some pages at that depth come after; the first of all comes after nothing."""
    if depth == "first":
        return [()]
    place = quotes // 2 if depth == "middle" else quotes - PAGES - 20
    return quotes_table.keys_at(database, order, place, PAGES)


def _check_that_they_agree(services: Sequence[Service], cursor: Sequence[int]) -> None:
    """Make sure that all list the same quotes after a cursor."""
    listed = []
    for service in services:
        page = requests.get(service.url + service.page("newest", cursor), timeout=10).json()
        items = page.get("items") or page["results"]
        listed.append([(item["id"], item["title"], item["likes"]) for item in items])
    if any(items != listed[0] for items in listed) or len(listed[0]) != 20:
        raise SystemExit(f"They don't list the same: {listed}")


def _script(file: Path, paths: Sequence[str]) -> str:
    listed = ",\n".join(json.dumps(path) for path in paths)
    file.write_text(
        f"local paths = {{\n{listed}\n}}\nlocal number = 0\n"
        "request = function()\n"
        "    number = number % #paths + 1\n"
        '    return wrk.format("GET", paths[number])\n'
        "end\n"
    )
    return str(file)


if __name__ == "__main__":
    main()
