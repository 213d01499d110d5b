"""What the tests of all packages share."""

import os
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from pytest_django import Settings

# How long an example takes is for the machine to say, which runs other tests meanwhile.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")
# No process that a test starts goes by a developer's .env, unless the test says so.
os.environ.setdefault("ENV_FILE", "")


@pytest.fixture(autouse=True)
def _nobody_to_ask(settings: Settings) -> None:
    """No test of one service asks the other whether its database is past, unless it says so."""
    if hasattr(settings, "MESSAGING"):
        settings.MESSAGING = {**settings.MESSAGING, "HEARD_BY_OTHERS": ""}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file for each worker: its threads, and processes that they start, then lock
    each other out as those of a service do.
    """
    database: dict[str, Any] = settings.DATABASES.get("default", {})
    if database.get("ENGINE") == "database.sqlite":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    else:
        request.getfixturevalue("django_db_modify_db_settings")
