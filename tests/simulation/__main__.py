"""`python -m tests.simulation`: schedules from a seed on, until one breaks a promise."""

import argparse
import gc
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.simulation.settings")
django.setup()

from tests.simulation.databases import Databases  # noqa: E402 - needs Django to be set up
from tests.simulation.schedule import Outcome, PromiseBroken, run  # noqa: E402

CHUNK = 20  # schedules that a process is given at once
_databases: list[Databases] = []  # one in each process


def run_some(seeds: Sequence[int]) -> list[Outcome] | str:
    """Return what came of these schedules, or what broke a promise."""
    if not _databases:
        _databases.append(Databases())
        gc.freeze()  # what stays is not looked at again
    gc.disable()  # amid a schedule it takes a tenth of the time
    try:
        return [run(_databases[0], seed) for seed in seeds]
    except PromiseBroken as broken:
        return str(broken)
    finally:
        gc.collect()


def main() -> int:
    """Return the exit code: 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--schedules", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    started = time.monotonic()
    outcomes: list[Outcome] = []
    end = asked.seed + asked.schedules
    with ProcessPoolExecutor(asked.processes) as pool:
        start = asked.seed
        running: set[Future[list[Outcome] | str]] = set()
        while running or start < end:
            while start < end and len(running) < 2 * asked.processes:
                running.add(pool.submit(run_some, range(start, min(start + CHUNK, end))))
                start += CHUNK
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for told in (future.result() for future in done):
                if isinstance(told, str):
                    print(f"after {time.monotonic() - started:.1f} s: {told}")
                    pool.shutdown(cancel_futures=True)
                    return 1
                outcomes += told
            if time.monotonic() - started > asked.seconds:
                start = end
    seconds = time.monotonic() - started
    operations = sum(outcome.operations for outcome in outcomes)
    faults = sum(outcome.faults for outcome in outcomes)
    a_minute = len(outcomes) / seconds * 60
    print(
        f"{len(outcomes)} schedules in {seconds:.1f} s ({a_minute:.0f} a minute), {operations}"
        f" operations, {faults} faults: no promise broken"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
