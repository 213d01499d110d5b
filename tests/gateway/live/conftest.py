"""A log of each test's own."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.gateway.fake_world import FakeWorld
from tests.gateway.live.process import declare


@pytest.fixture(autouse=True)
def quotes(settings: Settings, tmp_path: Path, world: FakeWorld) -> FakeWorld:
    """Three quotes, and an empty log."""
    settings.BROKER_URL = f"sqlite:///{tmp_path / 'broker.sqlite3'}"
    declare()
    world.add_quotes(3)
    return world
