"""How long the product takes from `make run` on a prepared checkout to its first response, and what
each kind of process takes to import what it needs, beside an empty project of Django.

python -m bench.cold_start [--rounds 5]
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import requests

from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from tools.children import wait_until
from tools.environment import ROOT, with_venv
from tools.ports import DEFAULTS, free_port
from tools.product import READY_PATIENCE, Product, complete, prepare

EMPTY = "an empty project of Django"
_COMMAND = (
    "import django; django.setup(); "
    "from django.core.management import load_command_class; load_command_class('messaging', '{}')"
)
# What each process has imported when it is ready: (settings, code).
PROCESSES = {
    EMPTY: ("", "from django.conf import settings; settings.configure(); import django; "
                "django.setup(); import django.core.wsgi, django.db.models, django.urls"),
    "quotes": ("quotes_service.settings", "import quotes_service.wsgi, quotes_service.urls"),
    "likes": ("likes_service.settings", "import likes_service.wsgi, likes_service.urls"),
    "gateway": ("gateway.settings", "import gateway.wsgi, gateway.urls"),
    "quotes-relay": ("quotes_service.settings", _COMMAND.format("relay")),
    "quotes-consumer": ("quotes_service.settings", _COMMAND.format("consume")),
    "likes-relay": ("likes_service.settings", _COMMAND.format("relay")),
    "likes-consumer": ("likes_service.settings", _COMMAND.format("consume")),
}  # fmt: skip
_COUNT = "; import sys; print(len(sys.modules))"
QUERY = b'{"query": "{ quotes(first: 1) { nodes { id } } }"}'


def main() -> None:
    """Measure, print the tables and write their JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    rounds = parser.parse_args().rounds
    imports: dict[str, Callable[[], Figures]] = {
        name: partial(_imported, settings, code) for name, (settings, code) in PROCESSES.items()
    }
    found = interleaved(imports, rounds)
    Report("imports", found, ours="gateway", yardsticks=[EMPTY]).show()
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(Path(folder))
        prepare(environment)
        starts: dict[str, Callable[[], Figures]] = {
            "make run, prepared, to the first response": partial(_started, environment)
        }
        found = interleaved(starts, rounds)
    Report("cold_start", found, ours=next(iter(starts)), yardsticks=[]).show()


def _imported(settings: str, code: str) -> Figures:
    """Import what a process does in a new interpreter."""
    environment = with_venv({"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)})
    if settings:
        environment["DJANGO_SETTINGS_MODULE"] = settings
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-c", code + _COUNT],
        env=environment, cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall ms": wall * 1000, "CPU ms": cpu * 1000, "modules": int(result.stdout)}


def _environment(folder: Path) -> dict[str, str]:
    ports = {name: str(free_port()) for name in DEFAULTS}
    return complete({"PATH": os.environ["PATH"], **ports}, folder)


def _started(environment: Mapping[str, str]) -> Figures:
    """Migrate and start as `make run` does, until GraphQL returns a quote."""
    product = Product(environment, lambda name, line: None)
    started = time.perf_counter()
    prepare(environment)
    prepared = time.perf_counter()
    product.start()
    try:
        address = product.url("gateway", "/graphql")
        wait_until(partial(_responds, address), patience=READY_PATIENCE, what="a response")
        responded = time.perf_counter()
    finally:
        product.stop()
    return {
        "all s": responded - started,
        "migrations and queues s": prepared - started,
        "processes s": responded - prepared,
    }


def _responds(url: str) -> bool:
    try:
        response = requests.post(
            url, QUERY, headers={"Content-Type": "application/json"}, timeout=10
        )
        return bool(response.ok and "errors" not in response.json())
    except requests.RequestException:
        return False


if __name__ == "__main__":
    main()
