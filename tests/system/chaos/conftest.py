"""Breaking the running product while it is written to, and the report of what came of it.

`CHAOS_ROUNDS` repeats each test with so many seeds, `CHAOS_SEED` is the first of them, and
`CHAOS_OPERATIONS` is what is done between two faults: see `make chaos`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.system.load import Load, under_load
from tests.system.stack import Stack

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "1"))
FIRST_SEED = int(os.environ.get("CHAOS_SEED", "1"))
OPERATIONS = int(os.environ.get("CHAOS_OPERATIONS", "30"))
COLUMNS = (
    "tried", "acknowledged", "unsure", "reads", "faults", "lost", "doubled", "untrue",
)  # fmt: skip

_rows: list[tuple[str, int, dict[str, int]]] = []


@pytest.fixture(params=range(FIRST_SEED, FIRST_SEED + ROUNDS))
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of one round."""
    return int(request.param)


@pytest.fixture
def loaded(
    request: pytest.FixtureRequest, seed: int
) -> Callable[[Stack], AbstractContextManager[Load]]:
    """Return `under_load` with this round's seed, whose figures go into the report."""

    @contextmanager
    def load_it(stack: Stack) -> Iterator[Load]:
        with under_load(stack, seed=seed) as load:
            load.wait_for_more(OPERATIONS)
            yield load
        _rows.append((request.node.name, seed, load.figures))

    return load_it


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was tried, and what was lost, doubled or untrue."""
    if not _rows:
        return
    terminalreporter.section("chaos")
    total = dict.fromkeys(COLUMNS, 0)
    for name, seed, figures in _rows:
        for column in COLUMNS:
            total[column] += figures[column]
        told = "  ".join(f"{column} {figures[column]}" for column in COLUMNS)
        terminalreporter.write_line(f"{told}  (seed {seed})  {name}")
    terminalreporter.write_line(
        "in all: " + "  ".join(f"{column} {count}" for column, count in total.items())
    )
