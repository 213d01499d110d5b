"""`python -m tests.planted.simulated`: does the simulation find each fault that it must, and how?

Each is planted in a copy, where schedules run until one breaks a promise. Its seed is printed, and
the shortest history that shows it.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.planted.copies import Copy
from tests.planted.faults import Fault, chosen
from tools.test import environment_of_tests

SECONDS = 60


def found(copy: Copy, fault: Fault) -> str | None:
    """Return what the simulation says of a fault, or None if it finds nothing."""
    command = ["python", "-m", "tests.simulation", "--seconds", str(SECONDS), "--processes", "2"]
    with copy.with_fault(fault):
        run: subprocess.CompletedProcess[str] = copy.execute(command)
    return run.stdout.strip() if run.returncode else None


def main(words: Sequence[str]) -> int:
    """Plant the faults that the words choose, and return the exit code: 0 if none survives."""
    faults = [fault for fault in chosen(words) if fault.simulated]
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copy = Copy(Path(folder), environment_of_tests())
        for fault in faults:
            said = found(copy, fault)
            survivors += said is None
            print(f"{fault.name}\n{said or 'SURVIVES: ' + fault.suffers}\n", flush=True)
    print(f"{len(faults)} planted, {len(faults) - survivors} found, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
