"""The clock of all processes is set back, and forth again."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.system.chaos.conftest import OPERATIONS
from tests.system.load import Load
from tests.system.stack import Stack, running
from tools.servers import PrivatePostgres, PrivateRabbitMQ

Loaded = Callable[[Stack], AbstractContextManager[Load]]


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that says how far the processes' clocks are off."""
    file = tmp_path_factory.mktemp("clock") / "offset"
    file.write_text("+0s\n")
    return file


@pytest.fixture(scope="module")
def stack(postgres: PrivatePostgres, rabbitmq: PrivateRabbitMQ, clock: Path) -> Iterator[Stack]:
    """All processes with a clock of their own, by libfaketime."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        pytest.skip("libfaketime is not installed: the clock can't be set back for some alone.")
    environment = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",  # as a real clock's setting leaves it alone
    }
    with running(postgres, rabbitmq, **environment) as stack:
        yield stack


def test_a_clock_set_back_and_forth_changes_nothing(
    stack: Stack, loaded: Loaded, clock: Path
) -> None:
    with loaded(stack) as load:
        for offset in ("-3600s", "-86400s", "+30s", "+0s"):
            new = clock.with_suffix(".new")
            new.write_text(f"{offset}\n")
            os.replace(new, clock)
            load.faults += 1
            load.wait_for_more(OPERATIONS)
