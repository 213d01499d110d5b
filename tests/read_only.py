"""A session that PostgreSQL has turned read-only, as it does with those that are open."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction


@contextmanager
def read_only() -> Iterator[None]:
    """Have the session of the tests take no writes meanwhile; what is tried is undone."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is not turned read-only so.")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield
        transaction.set_rollback(True)
