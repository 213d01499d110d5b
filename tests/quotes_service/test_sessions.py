"""A session goes on by refresh tokens, each of which holds once, and ends everywhere at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string
from pytest_django import Settings

from quotes_service.accounts import sessions
from quotes_service.accounts.sessions import InvalidRefreshToken
from quotes_service.models import Session, User
from tests.quotes_service.conftest import as_user
from tests.quotes_service.logins import PASSWORD, device_of
from tests.rest_api import Api

pytestmark = pytest.mark.django_db


def log_in(api: Api, username: str = "eva") -> dict[str, str]:
    body: dict[str, str] = api("POST", "/tokens", {"username": username, "password": PASSWORD}).body
    return body


@pytest.fixture
def eva(db: None) -> User:
    return User.objects.create_user("eva", password=PASSWORD)


def test_a_login_goes_on_by_its_refresh_token(api: Api, eva: User) -> None:
    login = log_in(api)
    response = api("POST", "/tokens/refresh", {"refresh_token": login["refresh_token"]})
    assert response.status == 201
    assert response.headers["Cache-Control"] == "no-store"
    assert response.body["user"]["username"] == "eva"
    assert response.body["refresh_token"] != login["refresh_token"]
    assert Api(response.body["token"])("POST", "/quotes", {"title": "Still here"}).status == 201


def test_nothing_that_is_stored_is_a_refresh_token(ann: User) -> None:
    device = device_of(ann)
    before = device.refresh_token
    device.refresh()
    stored = str(Session.objects.values().get())
    for token in (before, device.refresh_token):
        assert all(part not in stored for part in (token, token[:40], token[-40:]))


def test_two_tabs_that_refresh_at_once_go_on_alike(ann: User) -> None:
    tab = device_of(ann)
    other = sessions.renew(tab.refresh_token)
    tab.refresh()
    assert tab.refresh_token == other.token
    assert tab.refresh().status == 201


def test_a_used_token_that_comes_later_ends_its_session_for_whoever_has_it(
    ann: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REFRESH_GRACE = timedelta(0)
    victim, other = device_of(ann), device_of(ann)
    stolen = victim.refresh_token
    victim.refresh()
    response = victim.api("POST", "/tokens/refresh", {"refresh_token": stolen})
    assert (response.status, response.code) == (401, "invalid_refresh_token")
    assert "refresh_token_reused" in caplog.text
    assert stolen not in caplog.text
    assert victim.refresh().code == "invalid_refresh_token"
    assert not victim.holds(), "its tokens end at once, too"
    assert other.refresh().status == 201, "the other sessions go on"
    assert other.holds()


def test_a_token_used_twice_before_is_no_accident_however_soon(ann: User) -> None:
    device = device_of(ann)
    first = device.refresh_token
    device.refresh()
    device.refresh()
    with pytest.raises(InvalidRefreshToken):
        sessions.renew(first)
    assert not Session.objects.exists()


def test_a_session_ends_when_it_was_not_used_for_long(ann: User, settings: Settings) -> None:
    device = device_of(ann)
    Session.objects.update(last_used_at=timezone.now() - settings.SESSION_LIFETIME)
    assert device.refresh().code == "invalid_refresh_token"
    assert device.api("GET", "/sessions").body["items"] == []


def test_the_session_of_an_account_that_is_closed_does_not_go_on(ann: User) -> None:
    device = device_of(ann)
    User.objects.update(is_active=False)
    assert device.refresh().code == "invalid_refresh_token"


def test_a_password_changed_by_whomever_ends_the_sessions(ann: User) -> None:
    device = device_of(ann)
    ann.set_password(PASSWORD)
    ann.save()  # as Django's admin does
    assert device.refresh().code == "invalid_refresh_token"
    assert sessions.sessions_of(ann.pk) == []


@pytest.mark.parametrize("token", ["", "x", "é" * 86, "A" * 85, "A" * 86, "A" * 512, "=" * 86])
def test_what_is_no_refresh_token_is_refused(api: Api, token: str) -> None:
    response = api("POST", "/tokens/refresh", {"refresh_token": token})
    assert (response.status, response.code) == (401, "invalid_refresh_token")


def test_guesses_at_refresh_tokens_count_for_their_address(api: Api, settings: Settings) -> None:
    settings.LOGIN_ADDRESS_RATE = "2/minute"
    codes = [api("POST", "/tokens/refresh", {"refresh_token": "A" * 86}).code for _ in range(3)]
    assert codes == ["invalid_refresh_token", "invalid_refresh_token", "rate_limited"]


def test_one_sees_ones_own_sessions_and_which_is_this_one(ann: User, bob: User) -> None:
    first, second = device_of(ann), device_of(ann)
    device_of(bob)
    first.refresh()
    listed = first.api("GET", "/sessions").body["items"]
    assert [(item["id"], item["current"]) for item in listed] == [
        (first.session_id, True),
        (second.session_id, False),
    ]
    assert set(listed[0]) == {"id", "created_at", "last_used_at", "current"}
    assert Api()("GET", "/sessions").code == "not_authenticated"


def test_logging_out_ends_this_session_and_lets_the_others_refresh(ann: User) -> None:
    device, other = device_of(ann), device_of(ann)
    assert device.api("DELETE", "/sessions/current").body == {"ended": 1}
    assert device.refresh().code == "invalid_refresh_token"
    assert not device.holds()
    assert not other.holds(), "no token from before holds"
    assert other.refresh().status == 201
    assert other.holds()


def test_logging_out_everywhere_ends_all(ann: User, bob: User) -> None:
    devices, stranger = [device_of(ann), device_of(ann)], device_of(bob)
    assert devices[0].api("DELETE", "/sessions").body == {"ended": 2}
    assert [device.refresh().status for device in devices] == [401, 401]
    assert stranger.holds()


def test_one_ends_another_session_and_goes_on_with_a_new_token(ann: User) -> None:
    device, other = device_of(ann), device_of(ann)
    ended = device.api("DELETE", f"/sessions/{other.session_id}").body
    assert ended["ended"] == 1
    assert not device.holds()
    [left] = Api(ended["token"])("GET", "/sessions").body["items"]
    assert (left["id"], left["current"]) == (device.session_id, True)
    assert other.refresh().status == 401
    assert device.refresh().status == 201


def test_who_ends_the_session_that_they_are_in_gets_no_token(ann: User) -> None:
    device = device_of(ann)
    assert device.api("DELETE", f"/sessions/{device.session_id}").body == {"ended": 1}
    assert device.refresh().status == 401


def test_nobody_ends_the_session_of_somebody_else(ann: User, bob: User) -> None:
    device, stranger = device_of(ann), device_of(bob)
    response = stranger.api("DELETE", f"/sessions/{device.session_id}")
    assert (response.status, response.code) == (404, "not_found")
    assert stranger.holds(), "what was refused has ended nothing"
    assert device.holds()


def test_a_token_from_before_there_were_sessions_can_log_out(ann: User) -> None:
    old, device = as_user(ann), device_of(ann)
    assert old("DELETE", "/sessions/current").body == {"ended": 0}
    assert old("GET", "/sessions").code == "invalid_token"
    assert device.refresh().status == 201


def test_an_account_has_only_so_many_sessions(
    ann: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST", 2)
    devices = [device_of(bob), *(device_of(ann) for _ in range(3))]
    assert [device.refresh().status for device in devices] == [201, 401, 201, 201]


def test_sessions_not_used_for_long_are_pruned_some_at_a_time(
    ann: User, settings: Settings
) -> None:
    device, now = device_of(ann), timezone.now()
    Session.objects.bulk_create(
        Session(
            user=ann,
            created_at=now,
            last_used_at=now - settings.SESSION_LIFETIME - timedelta(seconds=1),
            handle_hash=str(number),
        )
        for number in range(sessions.PRUNED_AT_ONCE + 5)
    )
    prune = import_string(settings.MESSAGING["CHORE"])  # as the consumer does
    assert prune() is True
    assert Session.objects.count() == 6
    assert prune() is False
    assert Session.objects.get().id == device.session_id


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite writes one by one")
def test_many_that_refresh_at_once_go_on_alike(make_user: Callable[..., User]) -> None:
    token = sessions.begin(make_user("ann")).token

    def renew(_: int) -> str:
        try:
            return sessions.renew(token).token
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(renew, range(12)))) == 1
