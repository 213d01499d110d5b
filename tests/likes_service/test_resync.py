"""`resync_quotes` builds and repairs the replica, whatever happens meanwhile."""

import json
from collections.abc import Callable, Collection
from http.server import BaseHTTPRequestHandler
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from likes_service import quote_locks
from likes_service.clients import PAGE_SIZE
from likes_service.models import Like, Quote, Resync
from likes_service.replica import QuoteState, apply_quote_states
from tests.examples import CONTRACTS, read
from tests.likes_service.conftest import NOW, FakeQuotes, send

pytestmark = pytest.mark.django_db(transaction=True)
QUOTE = read(CONTRACTS / "rest" / "quotes" / "list_quotes.json")["body"]["items"][0]


class Shelf:
    """The quotes of a fake Quotes, which responds as the contract says."""

    def __init__(self, fake: FakeQuotes, count: int) -> None:
        self.quotes = {number: QUOTE | {"id": number} for number in range(1, count + 1)}
        self.pages_until_it_is_down = 1_000_000
        self.meanwhile: Callable[[], None] = lambda: None
        fake.responses = [self.respond]

    def respond(self, request: BaseHTTPRequestHandler) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        if "id" in query:
            items = [
                self.quotes[key] for key in map(int, query["id"].split(",")) if key in self.quotes
            ]
            return send(request, 200, _list(items, has_next=False))
        self.pages_until_it_is_down -= 1
        if self.pages_until_it_is_down < 0:
            return send(request, 503, {})
        after, limit = int(query.get("after", 0)), int(query["limit"])
        behind = [quote for key, quote in sorted(self.quotes.items()) if key > after]
        self.meanwhile()
        return send(request, 200, _list(behind[:limit], has_next=len(behind) > limit))


def _list(items: list[dict[str, Any]], *, has_next: bool) -> dict[str, Any]:
    end = str(items[-1]["id"]) if items else None
    return {"items": items, "page_info": {"has_next": has_next, "end_cursor": end}}


def resync(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("resync_quotes", "--json", "--attempts", "1", *arguments, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def test_an_empty_replica_is_built(quotes: FakeQuotes) -> None:
    Shelf(quotes, 250)
    told = resync()
    assert (told["read"], told["created"], told["deleted"]) == (250, 250, 0)
    assert Quote.objects.filter(deleted=False).count() == 250
    assert Quote.objects.get(id=7).title == QUOTE["title"]
    assert not Resync.objects.exists()


def test_a_second_time_changes_nothing(quotes: FakeQuotes) -> None:
    Shelf(quotes, 120)
    resync()
    told = resync()
    assert (told["read"], told["created"], told["updated"], told["deleted"]) == (120, 0, 0, 0)


def test_what_is_older_here_is_updated_and_what_is_newer_stays(
    quotes: FakeQuotes, make_quote: Callable[..., Quote]
) -> None:
    Shelf(quotes, 3)  # version 2
    make_quote(1, version=1, title="Old")
    make_quote(2, version=9, title="Newer than what Quotes answered")
    told = resync()
    assert (told["created"], told["updated"]) == (1, 1)
    assert Quote.objects.get(id=1).title == QUOTE["title"]
    assert Quote.objects.get(id=2).title == "Newer than what Quotes answered"


def test_a_quote_that_quotes_no_longer_has_becomes_a_tombstone_without_likes(
    quotes: FakeQuotes, make_quote: Callable[..., Quote]
) -> None:
    shelf = Shelf(quotes, 250)
    resync()
    Like.objects.create(user_id=5, quote_id=120, created_at=NOW)
    gone = [1, 120, 200, 249, 250]
    for quote_id in gone:
        del shelf.quotes[quote_id]
    assert resync()["deleted"] == 5
    assert (
        list(Quote.objects.filter(deleted=True).order_by("id").values_list("id", flat=True)) == gone
    )
    assert not Like.objects.exists()


def test_however_many_quotes_are_gone_few_are_locked_at_a_time(
    quotes: FakeQuotes, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: list[int] = []
    take = quote_locks.take

    def counted(quote_ids: Collection[int]) -> None:
        take(quote_ids)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks"
                    " WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
                )
                locked.append(cursor.fetchone()[0])
        else:
            locked.append(len(quote_ids))

    monkeypatch.setattr(quote_locks, "take", counted)
    Quote.objects.bulk_create(Quote(id=number, title="t", version=1) for number in range(1, 1201))
    Shelf(quotes, 0)
    assert resync()["deleted"] == 1200
    assert not Quote.objects.filter(deleted=False).exists()
    assert max(locked) <= 500


def test_a_quote_that_an_event_brought_after_its_page_was_read_is_not_taken_for_deleted(
    quotes: FakeQuotes, make_quote: Callable[..., Quote]
) -> None:
    shelf = Shelf(quotes, 5)

    def write_one() -> None:
        shelf.quotes[6] = QUOTE | {"id": 6}
        shelf.meanwhile = lambda: None
        apply_quote_states([QuoteState(id=6, version=1, created_at=NOW, updated_at=NOW)])

    shelf.meanwhile = write_one
    assert resync()["deleted"] == 0
    assert not Quote.objects.get(id=6).deleted


def test_a_tombstone_is_never_brought_back(quotes: FakeQuotes) -> None:
    Shelf(quotes, 3)
    apply_quote_states([QuoteState(id=2, version=3, deleted=True)])
    assert resync()["created"] == 2
    assert Quote.objects.get(id=2).deleted


def test_an_interrupted_one_says_so_and_goes_on_where_it_was(quotes: FakeQuotes) -> None:
    shelf = Shelf(quotes, 350)
    shelf.pages_until_it_is_down = 2
    with pytest.raises(CommandError, match="run this again to go on"):
        resync()
    assert Quote.objects.count() == 200
    shelf.pages_until_it_is_down = 1_000_000
    assert resync()["read"] == 150
    assert Quote.objects.count() == 350
    assert resync("--restart")["read"] == 350


def test_one_that_dies_while_it_applies_a_page_begins_with_that_page_again(
    quotes: FakeQuotes, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As a signal ends the process."""

    def die_on_the_second_page(states: list[QuoteState]) -> None:
        if states[0].id > PAGE_SIZE:
            raise Killed
        apply_quote_states(states)

    Shelf(quotes, 250)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr("likes_service.resync.apply_quote_states", die_on_the_second_page)
        resync()
    assert resync()["created"] == 150
    assert Quote.objects.count() == 250


def test_a_dry_run_tells_what_would_change_and_changes_nothing(
    quotes: FakeQuotes, make_quote: Callable[..., Quote]
) -> None:
    Shelf(quotes, 120)
    make_quote(1, version=1)
    make_quote(500)
    told = resync("--dry-run")
    assert (told["created"], told["updated"], told["deleted"]) == (119, 1, 1)
    assert Quote.objects.count() == 2
    assert not Resync.objects.exists()


def test_people_are_told_in_a_sentence(quotes: FakeQuotes) -> None:
    Shelf(quotes, 2)
    out = StringIO()
    call_command("resync_quotes", stdout=out)
    assert out.getvalue() == "2 quotes read: 2 created, 0 updated, 0 deleted.\n"
