"""The admin shows, and changes only what reaches Quotes like any other change."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import Settings

from likes_service import domain
from likes_service.models import Like, Quote
from tests.admin_logins import guesses_are_counted
from tests.dead_letter_admin import is_done_when_confirmed
from tests.flow import FLOW, shows_an_event_and_tells_others_of_it
from tests.likes_service.conftest import as_user, published
from tests.read_only import read_only

pytestmark = pytest.mark.django_db
QUOTES = "/admin/likes_service/quote/"
LIKES = "/admin/likes_service/like/"


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def likes(make_quote: Callable[..., Quote]) -> list[Like]:
    make_quote()
    for user_id in (1, 2, 3):
        domain.like_quote(user_id=user_id, quote_id=7)
    return list(Like.objects.order_by("id"))


def unliked() -> list[int]:
    return [data["user_id"] for name, data in published() if name == "likes.like.deleted"]


def test_the_replica_is_shown_and_can_not_be_changed(admin: Client, likes: list[Like]) -> None:
    assert "To be." in admin.get(QUOTES).content.decode()
    assert admin.get(f"{QUOTES}7/change/").status_code == 200
    assert admin.get(f"{QUOTES}add/").status_code == 403
    assert admin.post(f"{QUOTES}7/change/", {"title": "x"}).status_code == 403
    assert admin.post(f"{QUOTES}7/delete/", {"post": "yes"}).status_code == 403
    assert Quote.objects.get().title == "To be."


def test_a_like_can_be_found_and_not_added_or_changed(admin: Client, likes: list[Like]) -> None:
    assert admin.get(f"{LIKES}?q=2").status_code == 200
    assert admin.get(f"{LIKES}add/").status_code == 403
    assert admin.post(f"{LIKES}{likes[0].pk}/change/", {"user_id": "9"}).status_code == 403


def test_a_like_taken_back_in_the_admin_is_told(admin: Client, likes: list[Like]) -> None:
    admin.post(f"{LIKES}{likes[0].pk}/delete/", {"post": "yes"})
    assert unliked() == [1]


def test_likes_taken_back_by_the_bulk_action_are_told(admin: Client, likes: list[Like]) -> None:
    chosen = [str(like.pk) for like in likes[1:]]
    form = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    admin.post(LIKES, form)
    assert sorted(unliked()) == [2, 3]
    assert list(Like.objects.values_list("user_id", flat=True)) == [1]


def test_a_like_that_its_user_took_back_meanwhile_is_passed_over(
    admin: Client, likes: list[Like], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_back = domain.unlike_quote

    def twice(*, user_id: int, quote_id: int) -> None:
        taken_back(user_id=user_id, quote_id=quote_id)
        taken_back(user_id=user_id, quote_id=quote_id)

    monkeypatch.setattr(domain, "unlike_quote", twice)
    assert admin.post(f"{LIKES}{likes[0].pk}/delete/", {"post": "yes"}).status_code == 302
    assert unliked() == [1]


def test_staff_without_the_permission_delete_nothing(likes: list[Like]) -> None:
    staff = User.objects.create(username="staff", is_staff=True)
    staff.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(staff)
    assert client.get(LIKES).status_code == 200
    assert client.post(f"{LIKES}{likes[0].pk}/delete/", {"post": "yes"}).status_code == 403
    assert Like.objects.count() == 3


def test_dead_letters_are_replayed_and_discarded(admin: Client) -> None:
    is_done_when_confirmed(admin, "discard_chosen", "discarded", "discarded")


def test_the_flow_is_shown(admin: Client, settings: Settings) -> None:
    settings.QUOTES_URL = "http://127.0.0.1:9"  # the discard port: nobody answers
    assert admin.get("/flow").headers["Location"] == FLOW
    shows_an_event_and_tells_others_of_it(admin)


def test_guesses_at_the_admin_are_counted_too(db: None, settings: Settings) -> None:
    guesses_are_counted(settings)


def test_a_database_turned_read_only_is_unavailable_to_writers_and_not_ready(
    admin: Client, likes: list[Like]
) -> None:
    admin.raise_request_exception = False
    with read_only():
        removed = admin.post(f"{LIKES}{likes[0].pk}/delete/", {"post": "yes"})
        assert (removed.status_code, removed.headers["Retry-After"]) == (503, "1")
        liked = as_user(9)("POST", "/quotes/7/like")
        assert (liked.status, liked.code) == (503, "upstream_unavailable")
        assert as_user(9)("GET", "/quotes/7").status == 200
        ready = as_user(9)("GET", "/readyz")
        assert (ready.status, ready.body["checks"]["database"]) == (503, "unavailable")
