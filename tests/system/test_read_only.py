"""PostgreSQL turned read-only under the running product, whose sessions stay open."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from messaging.brokers import broker_for
from messaging.events import Event, to_message
from tests.system.clients import Refused, number_of
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until
from tools.servers import PrivatePostgres

WORKERS = ["quotes", "likes", "quotes-relay", "quotes-consumer", "likes-relay", "likes-consumer"]
_STATE = """
SELECT json_build_object('id', id, 'title', title, 'author', author, 'version', version,
    'created_by', created_by_id, 'created_at', created_at, 'updated_at', updated_at)::text
FROM quotes_service_quote WHERE id = %d
"""


def set_read_only(postgres: PrivatePostgres, value: str) -> None:
    """Set it for all sessions of the server, those that are open among them."""
    with psycopg.connect(postgres.url.replace("postgres:", "postgresql:"), autocommit=True) as own:
        own.execute("SET default_transaction_read_only = off")
        own.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}".encode())
        own.execute("SELECT pg_reload_conf()")


@pytest.fixture
def postgresql(stack: Stack) -> Iterator[PrivatePostgres]:
    """The server of the running product; skips on SQLite."""
    if stack.postgres is None:
        pytest.skip("It is SQLite here.")
    yield stack.postgres
    set_read_only(stack.postgres, "off")


def publish_again(stack: Stack, quote_id: str) -> str:
    """Publish the event of a quote anew, so that there is something to handle. Return its id."""
    [row] = stack.rows("quotes", _STATE % number_of(quote_id))
    name = "quotes.quote.updated"
    event = Event(type=name, source="/quotes", subject=f"quotes/{quote_id}", data={})
    publisher = broker_for(stack.environment["BROKER_URL"], "test").publisher()
    try:
        message = to_message(event, "events", body=json.dumps(json.loads(row[0])).encode())
        confirmation = publisher.send([message]).wait(PATIENCE)
        assert confirmation is not None
        assert confirmation.problem is None
    finally:
        publisher.close()
    return event.id


def test_it_is_waited_for_as_one_that_is_away_and_costs_no_attempt(
    stack: Stack, postgresql: PrivatePostgres
) -> None:
    user = stack.user()
    quote_id = user.create("Written before")
    stack.wait_until_agreed()
    started = stack.logged().count("process_started")
    set_read_only(postgresql, "on")
    event_id = publish_again(stack, quote_id)
    wait_until(
        lambda: not any(stack.product.ready(name) for name in WORKERS),
        patience=PATIENCE,
        what="nobody says that it is ready",
    )
    for write in (lambda: user.create("Not now"), lambda: user.like(quote_id)):
        with pytest.raises(Refused, match="UPSTREAM_UNAVAILABLE"):
            write()
    assert user.likes(quote_id) == 0, "what only reads goes on"
    with pytest.raises(Exception, match="read-only"):
        stack.manage("quotes_service", "messages", "status")
    set_read_only(postgresql, "off")
    stack.product.wait_until_ready()
    user.like(quote_id)
    stack.wait_until_agreed()
    handled = f"SELECT count(*) FROM messaging_inbox WHERE event_id = '{event_id}'"  # noqa: S608
    wait_until(
        lambda: stack.rows("likes", handled) == [(1,)], patience=PATIENCE, what="it is handled"
    )
    assert "event_failed" not in stack.logged()
    assert stack.logged().count("process_started") == started, "nobody has died of it"
