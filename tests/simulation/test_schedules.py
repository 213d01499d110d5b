"""A short run of the simulation; `make chaos` has a long one."""

import pytest

from tests.simulation.databases import Databases
from tests.simulation.mischief import NONE
from tests.simulation.schedule import PromiseBroken, run

SCHEDULES = 150
FIRST = 1


def test_no_schedule_breaks_a_promise(databases: Databases) -> None:
    outcomes = [run(databases, seed) for seed in range(FIRST, FIRST + SCHEDULES)]
    assert sum(outcome.operations for outcome in outcomes) > SCHEDULES
    assert sum(outcome.messages for outcome in outcomes) > 2 * SCHEDULES
    assert sum(outcome.faults for outcome in outcomes) > SCHEDULES
    assert len({outcome.trace for outcome in outcomes}) == SCHEDULES


@pytest.mark.parametrize("seed", range(20, 25))
def test_one_seed_is_one_trace(databases: Databases, seed: int) -> None:
    assert run(databases, seed) == run(databases, seed)


def test_without_mischief_nothing_goes_wrong(databases: Databases) -> None:
    assert run(databases, 1, NONE).faults == 0


def test_a_promise_that_is_broken_names_its_seed(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Forgets what was handled: the inbox takes every event for a new one.
    monkeypatch.setattr("messaging.consumer.inbox.take", list)
    with pytest.raises(PromiseBroken, match=r"^seed \d+: "):
        for seed in range(200):
            run(databases, seed)
