"""One engine for all tests of this folder, and the product deployed on it."""

from collections.abc import Iterator

import pytest

from tests.compose.compose_file import images
from tests.compose.engine import ability, places, roots, stand_ins
from tests.compose.engine.ability import NotHere
from tests.compose.engine.deployment import UP, Deployment
from tests.compose.engine.machine import Failed, Machine


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """The machine with the engine and its images. Skips all that needs it where none can be."""
    try:
        ability.check()
        with places.alone():
            roots.engine_root()
            with Machine() as running:
                for image in images():
                    stand_ins.provide(running, image)
                yield running
    except NotHere as reason:
        pytest.skip(f"no container engine can be run here: {reason}")


@pytest.fixture(scope="session")
def deployment(machine: Machine) -> Iterator[Deployment]:
    """The product deployed, with all containers healthy; we are on its network."""
    made = Deployment(machine)
    made.compose("down", "--volumes", "--remove-orphans")
    try:
        made.compose(*UP, "--build")
        with machine.network():
            yield made
    except Failed as error:
        raise Failed(f"{error}\n{made.compose('logs', '--tail', '20')}") from error
    finally:
        made.compose("down", "--volumes", "--remove-orphans")
