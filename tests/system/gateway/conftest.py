"""One running product for all that outside judges and real clients try on its gateway."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.npm import installed
from tests.system.stack import Stack, running

JAVASCRIPT = Path(__file__).parent / "javascript"


@pytest.fixture(scope="package")
def product() -> Iterator[Stack]:
    """The product on SQLite and the embedded broker, which suffice for what is asked here."""
    with running() as stack:
        yield stack


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """Return the folder with the npm packages that the lock file there pins, installed."""
    installed(JAVASCRIPT)
    return JAVASCRIPT
