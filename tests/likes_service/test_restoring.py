"""What Likes makes of a Quotes that was restored, and of its own restore."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from database.sequences import last_given
from database.versions import VERSIONS_A_LIFE
from identity.accounts import DELETED, UPDATED
from likes_service import domain, withdrawing
from likes_service.handlers import HANDLERS
from likes_service.models import Like, Quote
from messaging import heard
from messaging.events import Event
from messaging.models import OutboxEvent
from messaging.past import LEAP
from tests.examples import CONTRACTS, read
from tests.likes_service.conftest import FakeQuotes, published, send
from tests.rest_api import Api

pytestmark = pytest.mark.django_db


def handled(event_type: str, **data: Any) -> None:
    """Handle an event whose data is that of its example, but for what is given."""
    example = read(CONTRACTS / "events" / f"{event_type}.json")
    data = example["data"] | data
    event = Event(type=event_type, source="/quotes", subject="quotes/7", data=data)
    HANDLERS[event_type]([event])


def updated(quote_id: int, version: int, **data: Any) -> None:
    handled("quotes.quote.updated", id=quote_id, version=version, **data)


def deleted(quote_id: int, version: int) -> None:
    handled("quotes.quote.deleted", id=quote_id, version=version)


def counts() -> list[tuple[int, int]]:
    return [
        (data["quote_id"], data["likes"])
        for event_type, data in published()
        if event_type == "likes.like.counted"
    ]


def test_a_restored_quote_comes_back_over_its_deletion_and_its_count_is_published() -> None:
    updated(7, 1)
    domain.like_quote(user_id=5, quote_id=7)
    deleted(7, 2)
    updated(7, VERSIONS_A_LIFE, restored=True)
    assert counts() == [(7, 0)]
    assert domain.like_quote(user_id=5, quote_id=7).quote_id == 7


def test_what_comes_late_of_the_lost_life_changes_nothing() -> None:
    updated(7, VERSIONS_A_LIFE, restored=True)
    domain.like_quote(user_id=5, quote_id=7)
    deleted(7, 3)
    updated(7, 2, title="Lost")
    deleted(8, VERSIONS_A_LIFE)
    updated(8, 1)
    assert list(Quote.objects.filter(deleted=False).values_list("id", "version")) == [
        (7, VERSIONS_A_LIFE)
    ]
    assert Like.objects.count() == 1


def test_a_deletion_is_final_within_the_new_life() -> None:
    updated(7, VERSIONS_A_LIFE, restored=True)
    deleted(7, VERSIONS_A_LIFE + 1)
    updated(7, VERSIONS_A_LIFE + 2)
    assert not Quote.objects.filter(deleted=False).exists()


def test_a_quote_that_was_given_a_lost_id_has_none_of_its_likes() -> None:
    updated(7, 1, created_at="2026-11-25T04:38:40.000001Z")
    updated(8, 1)
    for quote_id in (7, 8):
        domain.like_quote(user_id=5, quote_id=quote_id)
    updated(7, VERSIONS_A_LIFE, restored=True, created_at="2026-11-25T04:38:40.000002Z")
    updated(8, VERSIONS_A_LIFE, restored=True)
    assert counts() == [(7, 0), (8, 1)]


def test_an_account_that_a_backup_brings_back_loses_no_more_likes() -> None:
    updated(7, 1)
    domain.like_quote(user_id=5, quote_id=7)
    handled(DELETED, id=5, version=2)
    handled(UPDATED, id=5, version=VERSIONS_A_LIFE, active=True)
    handled(DELETED, id=5, version=3)
    while withdrawing.withdraw():
        pass
    assert Like.objects.count() == 1
    handled(DELETED, id=5, version=VERSIONS_A_LIFE + 1)
    while withdrawing.withdraw():
        pass
    assert not Like.objects.exists()


def test_quotes_is_told_what_is_known_of_it(api: Api, make_quote: Callable[..., Quote]) -> None:
    make_quote(7, version=4, created_by=3)
    make_quote(9, deleted=True)
    domain.like_quote(user_id=6, quote_id=7)
    heard.note([Event(type="t", source="/quotes", subject="s", data={}, sequence=41)])
    assert api("GET", "/known").body == {"sequence": 41}
    assert api("GET", "/known/numbers").body == {"quote_id": 9, "user_id": 6, "version": 4}
    handled(DELETED, id=8, version=5)
    assert api("GET", "/known/numbers").body == {"quote_id": 9, "user_id": 8, "version": 5}


def finish_restore(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("finish_restore", "--json", *arguments, stdout=out)
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


@pytest.fixture
def restored(
    _nobody_to_ask: None, settings: Settings, quotes: FakeQuotes, make_quote: Callable[..., Quote]
) -> FakeQuotes:
    """A Quotes that has heard of 500 events more than there are, and has one quote of two."""
    settings.MESSAGING = {
        **settings.MESSAGING,
        "HEARD_BY_OTHERS": "likes_service.clients.heard_by_quotes",
    }
    page = read(CONTRACTS / "rest" / "quotes" / "list_quotes.json")["body"]
    page["page_info"]["has_next"] = False
    make_quote(999_999)
    known = {"sequence": last_given(OutboxEvent) + 500}
    none = {"items": [], "page_info": page["page_info"]}

    def respond(request: Any) -> None:
        first = "order=oldest" in request.path
        send(request, 200, known if request.path == "/known" else page if first else none)

    quotes.responses = [respond]
    return quotes


def test_after_its_own_restore_likes_reads_all_quotes_and_publishes_all_counts(
    restored: FakeQuotes,
) -> None:
    assert finish_restore("--dry-run") == {"past": True, "published": 0, "dry_run": True}
    assert not OutboxEvent.objects.exists()
    [quote_id] = [item["id"] for item in page_of_quotes()]
    assert finish_restore()["past"]
    assert Quote.objects.get(id=999_999).deleted
    assert counts() == [(quote_id, 0)]
    assert OutboxEvent.objects.earliest("id").id > LEAP
    assert finish_restore("--dry-run")["past"] is False


def page_of_quotes() -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = read(CONTRACTS / "rest" / "quotes" / "list_quotes.json")["body"][
        "items"
    ]
    return items


def test_without_quotes_nothing_is_changed(quotes: FakeQuotes, settings: Settings) -> None:
    settings.MESSAGING = {
        **settings.MESSAGING,
        "HEARD_BY_OTHERS": "likes_service.clients.heard_by_quotes",
    }
    quotes.always(503, {})
    before = last_given(OutboxEvent)
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("finish_restore")
    assert last_given(OutboxEvent) == before
