"""The databases of both services, in memory."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.simulation.databases import Databases


@pytest.fixture(scope="session")
def databases(django_db_blocker: DjangoDbBlocker) -> Iterator[Databases]:
    """Both databases, migrated."""
    with django_db_blocker.unblock():
        yield Databases()
