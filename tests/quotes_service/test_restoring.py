"""After its restore Quotes gives no number twice, and publishes all anew."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import Settings

from database.sequences import last_given
from database.versions import VERSIONS_A_LIFE
from messaging import past
from messaging.models import OutboxEvent
from messaging.past import Watch
from messaging.schemas import check_data
from quotes_service import restoring
from quotes_service.clients import KnownNumbers
from quotes_service.models import Quote, User
from rest.restored import read_history
from tests.quotes_service.conftest import as_user
from tests.rest_api import Api

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few_unknown_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoring, "UNKNOWN_IDS", 5)


def restore(*, waiting: int = 0, version: int = 1, quote_id: int = 0, user_id: int = 0) -> int:
    """Bring Likes in step, which knows these numbers. Return how many events were written."""
    return sum(restoring.bring_in_step(KnownNumbers(quote_id, user_id, version), waiting))


def published(event_type: str) -> list[dict[str, Any]]:
    rows = OutboxEvent.objects.filter(type=event_type).order_by("id")
    found = [json.loads(row.data) for row in rows]
    for data in found:
        check_data(event_type, data)
    return found


def test_each_quote_and_account_is_published_as_of_a_new_life(
    make_quote: Callable[..., Quote], ann: User
) -> None:
    quote = make_quote("To be.", version=3)
    assert restore(version=9) == OutboxEvent.objects.count()
    [state] = published("quotes.quote.updated")
    assert (state["id"], state["title"], state["restored"]) == (quote.id, "To be.", True)
    assert [each["id"] for each in published("quotes.user.updated")] == [ann.id]
    for each in [state, *published("quotes.user.updated"), *published("quotes.quote.deleted")]:
        assert each["version"] == VERSIONS_A_LIFE
    quote.refresh_from_db()
    ann.refresh_from_db()
    assert quote.version == ann.version == VERSIONS_A_LIFE


def test_a_second_restore_begins_another_life(make_quote: Callable[..., Quote]) -> None:
    quote = make_quote()
    restore(version=VERSIONS_A_LIFE + 7)
    quote.refresh_from_db()
    assert quote.version == 2 * VERSIONS_A_LIFE


def test_a_quote_that_was_searchable_stays_so(make_quote: Callable[..., Quote]) -> None:
    found, behind = make_quote(version=2), make_quote(version=2)
    Quote.objects.filter(id=found.id).update(searchable_version=2)
    Quote.objects.filter(id=behind.id).update(searchable_version=1)
    restore()
    found.refresh_from_db()
    behind.refresh_from_db()
    assert found.searchable_version == found.version
    assert behind.searchable_version < behind.version


def test_ids_that_may_have_been_given_are_deleted_and_never_given_again(
    make_quote: Callable[..., Quote],
) -> None:
    quotes = [make_quote() for _ in range(8)]
    own = quotes[-1].id
    Quote.objects.filter(id=quotes[-2].id).delete()  # its transaction was under way, say
    restore(quote_id=own + 10, waiting=3)
    lost = [each["id"] for each in published("quotes.quote.deleted")]
    assert lost == [quotes[-2].id, *range(own + 1, own + 10 + 5 + 3 + 1)]
    assert make_quote().id == lost[-1] + 1


def test_accounts_are_treated_alike(ann: User, make_user: Callable[..., User]) -> None:
    restore(user_id=ann.id + 20)
    lost = [each["id"] for each in published("quotes.user.deleted")]
    assert set(lost) >= set(range(ann.id + 1, ann.id + 26))
    assert ann.id not in lost
    assert make_user("new").id > lost[-1] == last_given(User) - 1


@pytest.mark.usefixtures("_nobody_to_ask")  # the fixture's settings are changed here
def test_nothing_is_written_into_a_database_of_the_past(
    api: Api, ann: User, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "HEARD_BY_OTHERS": f"{__name__}.heard_much"}
    monkeypatch.setattr(past, "watch", Watch())
    new = {"username": "carol", "password": "correct horse battery"}
    for response in (
        as_user(ann)("POST", "/quotes", {"title": "To be."}),
        api("POST", "/users", new),
        api("POST", "/admin/login/", new),
    ):
        assert (response.status, response.code) == (503, "restore_unfinished")
        assert "finish_restore" in response.body["detail"]
        assert response.headers["Retry-After"] == "1"
    assert api("GET", "/quotes").status == 200
    ready = api("GET", "/readyz")
    assert (ready.status, ready.body["checks"]["history"]) == (503, "past")
    assert [value for _, _, value in read_history()] == [True]  # for the metrics
    assert not Quote.objects.exists()


@pytest.mark.usefixtures("_nobody_to_ask")
def test_a_write_that_gets_no_connection_to_look_by_is_answered_as_one_without_database(
    api: Api, ann: User, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "HEARD_BY_OTHERS": f"{__name__}.heard_much"}

    def exhausted() -> int:
        raise OperationalError("couldn't get a connection after 3.00 sec")

    monkeypatch.setattr(past, "connections_made", exhausted)
    response = as_user(ann)("POST", "/quotes", {"title": "To be."})
    assert (response.status, response.code) == (503, "upstream_unavailable")


def heard_much() -> int:
    """Be what the other side has heard."""
    return 10**6
