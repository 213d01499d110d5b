"""Whether the product grows under load: the resident set of each of its processes.

python -m bench.growth [--minutes 20] [--clients 2]

Clients write quotes, change and delete them, like and unlike, and read pages, over GraphQL, on
PostgreSQL and RabbitMQ. What was acknowledged is compared with both databases at the end.
"""

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.kit.page import QUERY
from bench.kit.processes import family, resident
from bench.kit.report import Report
from bench.kit.rounds import Figures
from tests.system.clients import User
from tests.system.load import under_load
from tests.system.stack import Stack, running
from tools.servers import PrivatePostgres, PrivateRabbitMQ

WARM = 0.25  # of the time: caches are full by then
PAUSE = 5.0  # seconds between two looks


def main() -> None:
    """Measure, print the table and write its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--clients", type=int, default=2)
    asked = parser.parse_args()
    with (
        PrivatePostgres() as postgres,
        PrivateRabbitMQ() as rabbitmq,
        running(postgres, rabbitmq) as stack,
    ):
        with under_load(stack, seed=1, threads=asked.clients) as load, _reading(stack):
            seen = _watched(stack, asked.minutes * 60)
        print(f"{load.acknowledged():,} writes acknowledged; {load.figures}")
    found = {name: [_growth(sizes)] for name, sizes in seen.items()}
    Report("growth", found, ours=next(iter(found)), yardsticks=[]).show()


@contextmanager
def _reading(stack: Stack) -> Iterator[None]:
    """Have a user read pages meanwhile."""
    stop, reader = threading.Event(), stack.users(1)[0]
    thread = threading.Thread(target=_read, args=[reader, stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _read(reader: User, stop: threading.Event) -> None:
    while not stop.wait(0.02):
        reader.ask(QUERY)


def _watched(stack: Stack, seconds: float) -> dict[str, list[float]]:
    """Return the size of each process in MB, its workers included, from look to look."""
    seen: dict[str, list[float]] = {name: [] for name in stack.product.names}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for name, sizes in seen.items():
            pid = stack.supervisor.pid(name)
            if pid is not None:
                sizes.append(sum(map(resident, family(pid))) / 1e6)
        time.sleep(PAUSE)
    return seen


def _growth(sizes: list[float]) -> Figures:
    """Compare the mean of a tenth of the looks, after the warm-up and at the end."""
    tenth = max(1, len(sizes) // 10)
    warm = int(len(sizes) * WARM)
    early, late = sizes[warm : warm + tenth], sizes[-tenth:]
    first, last = sum(early) / len(early), sum(late) / len(late)
    return {"MB at a quarter": first, "MB at the end": last, "end : quarter": last / first}


if __name__ == "__main__":
    main()
