"""`make planted`: plant each fault, run the tests that must notice, and print which one did."""

import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from queue import Queue

from tests.planted.copies import Copy
from tests.planted.faults import Fault, Target, chosen
from tools.servers import PrivatePostgres, PrivateRabbitMQ
from tools.test import environment_of_tests

COPIES = 2  # at once: a good part of each run is waiting


class Planting:
    """Plants faults in copies, each of which holds one at a time."""

    def __init__(self, copies: Sequence[Copy], postgres: PrivatePostgres) -> None:
        self._free: Queue[Copy] = Queue()
        for copy in copies:
            self._free.put(copy)
        self._postgres = postgres
        self._numbers = count()

    def wrongly_failing(self, target: Target) -> str | None:
        """Return the target's test that fails without any fault, which would prove nothing."""
        return self._first_failing([target], None)

    def killer(self, fault: Fault) -> str | None:
        """Return the test that notices the fault, or None if it survives."""
        return self._first_failing(fault.targets, fault)

    def _first_failing(self, targets: Sequence[Target], fault: Fault | None) -> str | None:
        copy = self._free.get()
        try:
            with copy.with_fault(fault) if fault else nullcontext():
                runs = (copy.run(target, self._database(target)) for target in targets)
                return next(filter(None, runs), None)
        finally:
            self._free.put(copy)

    def _database(self, target: Target) -> str | None:
        if not target.postgresql:
            return None
        return self._postgres.create_database(f"planted_{next(self._numbers)}")


def main(words: Sequence[str]) -> int:
    """Plant the faults that the words choose, and return the exit code: 0 if none survives."""
    faults = chosen(words)
    targets = sorted({target for fault in faults for target in fault.targets}, key=str)
    with (
        tempfile.TemporaryDirectory(prefix="planted-") as folder,
        PrivatePostgres() as postgres,
        PrivateRabbitMQ() as rabbitmq,
        ThreadPoolExecutor(COPIES) as pool,
    ):
        servers = {"TEST_POSTGRES_URL": postgres.url, "TEST_RABBITMQ_URL": rabbitmq.url}
        environment = environment_of_tests() | servers
        copies = [Copy(Path(folder) / str(number), environment) for number in range(COPIES)]
        planting = Planting(copies, postgres)
        print(f"{len(targets)} targets without a fault …", flush=True)
        wrong = [test for test in pool.map(planting.wrongly_failing, targets) if test]
        for test in wrong:
            print(f"FAILS WITHOUT A FAULT: {test}", flush=True)
        if wrong:
            return 1
        survivors = 0
        for fault, killer in zip(faults, pool.map(planting.killer, faults), strict=True):
            survivors += killer is None
            print(f"{fault.name}\n    {killer or 'SURVIVES: ' + fault.suffers}", flush=True)
    print(f"\n{len(faults)} planted, {len(faults) - survivors} noticed, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
