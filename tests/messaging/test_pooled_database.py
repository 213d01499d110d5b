"""A relay behind a pooler of the database: it works where it has a session, else it says so."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection, connections

from messaging.brokers.interface import Broker, Topology
from messaging.errors import SessionNotKept
from messaging.leadership import leadership
from tests.messaging import running
from tests.messaging.events import Counted
from tests.messaging.running import PATIENCE, process, until_empty, write
from tools.servers import PrivatePgBouncer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("broker_url", ["embedded"], indirect=True),
    pytest.mark.usefixtures("messaging"),
]


def pooled(monkeypatch: pytest.MonkeyPatch, mode: str) -> Iterator[None]:
    """Have processes and new sessions of this test reach the database through PgBouncer."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no sessions, and no pooler")
    name = connection.settings_dict["NAME"]
    server_port = int(settings.DATABASES["default"]["PORT"])
    with PrivatePgBouncer(server_port, mode=mode) as pooler:
        monkeypatch.setattr(running, "test_database_url", lambda: pooler.url_of(name))
        monkeypatch.setitem(connections["default"].settings_dict, "PORT", str(pooler.port))
        yield
        monkeypatch.undo()


@pytest.fixture
def shared_sessions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from pooled(monkeypatch, "transaction")


@pytest.fixture
def kept_sessions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from pooled(monkeypatch, "session")


@pytest.mark.usefixtures("shared_sessions")
def test_one_whose_session_is_given_to_others_says_so_and_takes_no_turn(broker: Broker) -> None:
    with pytest.raises(SessionNotKept, match="DATABASE_URL to PostgreSQL itself"), leadership():
        pass
    with process("relay") as relay:
        assert relay.wait(PATIENCE) == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.usefixtures("kept_sessions")
def test_one_that_keeps_its_session_works(messaging: Topology) -> None:
    with process("relay"):
        write(Counted(number=1))
        until_empty()
        write(Counted(number=2))
        until_empty()
