"""What is changed in the admin reaches Likes like any other change."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from messaging.models import OutboxEvent
from quotes_service.models import Quote, User
from tests.admin_logins import guesses_are_counted
from tests.quotes_service.conftest import as_user
from tests.read_only import read_only

pytestmark = pytest.mark.django_db
QUOTES = "/admin/quotes_service/quote/"
USERS = "/admin/quotes_service/user/"


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def told() -> list[tuple[str, dict[str, Any]]]:
    return [(row.type, json.loads(row.data)) for row in OutboxEvent.objects.order_by("id")]


def test_a_quote_added_is_told(admin: Client) -> None:
    response = admin.post(f"{QUOTES}add/", {"title": " To be. ", "author": "Hamlet", "likes": "99"})
    assert response.status_code == 302
    quote = Quote.objects.get()
    assert (quote.title, quote.likes, quote.version) == ("To be.", 0, 1)
    assert quote.created_by is not None
    assert [(name, data["id"]) for name, data in told()] == [("quotes.quote.created", quote.id)]


def test_the_admin_takes_text_in_one_normal_form_and_finds_what_the_list_finds(
    admin: Client, make_quote: Callable[..., Quote]
) -> None:
    make_quote("Another", author="Camus")
    form = {"title": "Cafe\u0301 noir", "author": "e\u0301" * 100}
    assert admin.post(f"{QUOTES}add/", form).status_code == 302
    assert Quote.objects.latest("id").title == "Caf\xe9 noir"
    page = admin.get(QUOTES, {"q": "NOIR cafe"}).content.decode()
    assert "Caf\xe9 noir" in page
    assert "Another" not in page


def test_a_quote_changed_is_told_with_its_new_version(
    admin: Client, make_quote: Callable[..., Quote]
) -> None:
    quote = make_quote("To be.", author="Hamlet", likes=3)
    form = {"title": "Or not.", "author": "", "likes": "99", "version": "99"}
    assert admin.post(f"{QUOTES}{quote.id}/change/", form).status_code == 302
    after = Quote.objects.get()
    assert (after.title, after.author, after.likes, after.version) == ("Or not.", "", 3, 2)
    ((name, data),) = told()
    assert (name, data["title"], data["version"]) == ("quotes.quote.updated", "Or not.", 2)


def test_the_form_shows_the_counts_and_takes_none(
    admin: Client, make_quote: Callable[..., Quote]
) -> None:
    page = admin.get(f"{QUOTES}{make_quote(likes=3).id}/change/").content.decode()
    assert 'name="title"' in page
    assert 'name="likes"' not in page
    assert 'name="version"' not in page


def test_a_quote_deleted_is_told(admin: Client, make_quote: Callable[..., Quote]) -> None:
    quote = make_quote()
    assert admin.post(f"{QUOTES}{quote.id}/delete/", {"post": "yes"}).status_code == 302
    assert told() == [("quotes.quote.deleted", {"id": quote.id, "version": 2})]


def test_quotes_deleted_in_bulk_are_each_told(
    admin: Client, make_quote: Callable[..., Quote]
) -> None:
    ids = [make_quote().id for _ in range(3)]
    form = {"action": "delete_selected", "_selected_action": ids[:2], "post": "yes"}
    assert admin.post(QUOTES, form).status_code == 302
    assert list(Quote.objects.values_list("id", flat=True)) == ids[2:]
    assert [data["id"] for name, data in told()] == ids[:2]
    assert {name for name, _ in told()} == {"quotes.quote.deleted"}


@pytest.mark.parametrize("bulk", [True, False])
def test_an_account_deleted_leaves_its_quotes_and_is_told(
    admin: Client, ann: User, make_quote: Callable[..., Quote], bulk: bool
) -> None:
    quote = make_quote()
    if bulk:
        form = {"action": "delete_selected", "_selected_action": [ann.id], "post": "yes"}
        assert admin.post(USERS, form).status_code == 302
    else:
        form = {"post": "yes"}
        assert admin.post(f"{USERS}{ann.id}/delete/", form).status_code == 302
    after = Quote.objects.get()
    assert (after.id, after.created_by, after.version) == (quote.id, None, 2)
    (name, data), deleted = told()
    assert (name, data["created_by"]) == ("quotes.quote.updated", None)
    assert deleted == ("quotes.user.deleted", {"id": ann.id, "version": 2})


@pytest.mark.parametrize("title", ["", "   ", "x" * 501, "a\x00b"])
def test_a_wrong_quote_is_refused_in_the_form(admin: Client, title: str) -> None:
    assert admin.post(f"{QUOTES}add/", {"title": title}).status_code == 200
    assert not Quote.objects.exists()
    assert told() == []


def test_lists_and_searches_work(admin: Client, make_quote: Callable[..., Quote]) -> None:
    make_quote("To be.")
    assert "To be." in admin.get(f"{QUOTES}?q=be").content.decode()
    assert admin.get(USERS).status_code == 200
    assert admin.get(f"{USERS}add/").status_code == 200


def test_who_is_no_staff_is_kept_out(client: Client, ann: User) -> None:
    client.force_login(ann)
    response = client.get(QUOTES)
    assert response.status_code == 302
    assert "/admin/login/" in response.headers["Location"]


def test_guesses_at_the_admin_are_counted_too(db: None, settings: Settings) -> None:
    guesses_are_counted(settings)


def test_a_database_turned_read_only_is_unavailable_to_writers_and_not_ready(
    admin: Client, ann: User, make_quote: Callable[..., Quote]
) -> None:
    quote, form = make_quote("To be."), {"title": "Or not.", "author": ""}
    admin.raise_request_exception = False
    with read_only():
        changed = admin.post(f"{QUOTES}{quote.id}/change/", form)
        assert (changed.status_code, changed.headers["Retry-After"]) == (503, "1")
        written = as_user(ann)("POST", "/quotes", {"title": "x"})
        assert (written.status, written.code) == (503, "upstream_unavailable")
        assert as_user(ann)("GET", f"/quotes/{quote.id}").status == 200
        assert admin.get("/readyz").status_code == 503
