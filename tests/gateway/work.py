"""What a request costs, counted: no time is measured."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from tests.gateway.fake_service import Call
from tests.gateway.fake_world import FakeWorld


@dataclass
class Work:
    """The functions that were called, in Python and in C, and the rows that were asked for."""

    calls: int = 0
    rows: int = 0


@contextmanager
def counted(world: FakeWorld) -> Iterator[Work]:
    """Count what this thread does meanwhile, and what it asks of the services."""
    work = Work()
    world.quotes.calls.clear()
    world.likes.calls.clear()

    def count(frame: FrameType, event: str, argument: Any) -> None:
        if event in {"call", "c_call"}:
            work.calls += 1

    earlier = sys.getprofile()
    sys.setprofile(count)
    try:
        yield work
    finally:
        sys.setprofile(earlier)
    work.rows = sum(_rows(call) for call in world.calls_made())


def _rows(call: Call) -> int:
    """Return how many rows a call may have a service read."""
    asked = len(call.params.get("quote", call.params.get("id", "")).split(","))
    if "per_quote" in call.params:
        return asked * int(call.params["per_quote"])
    return int(call.params["limit"]) if call.path == "/quotes" else asked
