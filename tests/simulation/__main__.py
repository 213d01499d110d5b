"""`python -m tests.simulation`: schedules from a seed on, until one breaks a promise."""

import argparse
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.simulation.settings")
django.setup()

from tests.simulation.databases import Databases  # noqa: E402 - needs Django to be set up
from tests.simulation.schedule import PromiseBroken, run  # noqa: E402

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--seed", type=int, default=1, help="the first one")
parser.add_argument("--schedules", type=int, default=sys.maxsize)
parser.add_argument("--seconds", type=float, default=60)
asked = parser.parse_args()
databases = Databases()
started = time.monotonic()
done = operations = faults = 0
for seed in range(asked.seed, asked.seed + asked.schedules):
    if time.monotonic() - started > asked.seconds:
        break
    try:
        outcome = run(databases, seed)
    except PromiseBroken as broken:
        print(f"after {done} schedules, {time.monotonic() - started:.1f} s: {broken}")
        print(f"again: python -m tests.simulation --seed {seed} --schedules 1")
        sys.exit(1)
    done += 1
    operations += outcome.operations
    faults += outcome.faults
seconds = time.monotonic() - started
print(
    f"{done} schedules in {seconds:.1f} s ({done / seconds * 60:.0f} a minute), {operations}"
    f" operations, {faults} faults: no promise broken"
)
