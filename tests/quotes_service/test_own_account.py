"""What people change of their own account, and what guesses at its password come to."""

from typing import Any

import pytest
from pytest_django import Settings

from quotes_service.models import Session, User
from tests.quotes_service.logins import PASSWORD, Device, device_of
from tests.rest_api import Api, Response

pytestmark = pytest.mark.django_db
NEW = "another-uncommon-1815"


@pytest.fixture
def eva(db: None) -> User:
    return User.objects.create_user("eva", "eva@example.com", PASSWORD)


def change(device: Device, old: str = PASSWORD, new: str = NEW) -> Response:
    return device.api("PUT", "/account/password", {"old_password": old, "new_password": new})


def delete(device: Device, password: str = PASSWORD) -> Response:
    return device.api("POST", "/account/deletion", {"password": password})


def log_in(password: str, **more: str) -> Response:
    return Api()("POST", "/tokens", {"username": "eva", "password": password, **more})


def test_who_changes_the_password_goes_on_and_all_others_log_in_again(eva: User) -> None:
    device, other = device_of(eva), device_of(eva)
    changed = change(device)
    assert changed.status == 200
    assert not device.holds()
    assert Api(changed.body["token"])("GET", "/sessions").status == 200
    assert not other.holds()
    assert other.refresh().code == "invalid_refresh_token"
    assert device.refresh().status == 201
    assert [log_in(password).status for password in (PASSWORD, NEW)] == [401, 201]


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ("wrong", NEW, {"old_password": "invalid_credentials"}),
        ("", NEW, {"old_password": "invalid_credentials"}),
        (PASSWORD, "12345678", {"new_password": "password_entirely_numeric"}),
        (PASSWORD, "", {"new_password": "blank"}),
        (PASSWORD, "eva@example.com", {"new_password": "password_too_similar"}),
    ],
)
def test_a_password_that_can_not_be_changed_so_stays(
    eva: User, old: str, new: str, fields: dict[str, str]
) -> None:
    device, other = device_of(eva), device_of(eva)
    response = change(device, old, new)
    assert response.status == 422
    assert fields.items() <= response.field_codes.items()
    assert device.holds()
    assert other.holds()
    assert log_in(PASSWORD).status == 201


def test_of_two_changes_at_once_the_second_has_the_wrong_old_password(
    eva: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = device_of(eva)
    usual = User.set_password

    def while_another_changes_it(user: User, password: str | None) -> None:
        User.objects.update(password="changed")
        usual(user, password)

    monkeypatch.setattr(User, "set_password", while_another_changes_it)
    assert change(device).field_codes == {"old_password": "invalid_credentials"}
    assert User.objects.get().password == "changed"


@pytest.mark.parametrize(
    ("email", "kept"), [(" new@Example.COM ", "new@example.com"), ("", ""), (None, "")]
)
def test_the_e_mail_address_can_be_changed_and_removed(
    eva: User, email: str | None, kept: str
) -> None:
    device = device_of(eva)
    response = device.api("PUT", "/account/email", {"email": email})
    assert (response.status, response.body["email"]) == (200, kept)
    assert User.objects.get().email == kept
    assert device.holds()


def test_what_is_no_e_mail_address_is_named(eva: User) -> None:
    response = device_of(eva).api("PUT", "/account/email", {"email": "nobody"})
    assert (response.status, response.field_codes) == (422, {"email": "invalid"})
    assert device_of(eva).api("PUT", "/account/email", {}).field_codes == {"email": "required"}
    assert User.objects.get().email == "eva@example.com"


def test_who_deletes_their_account_is_gone_with_all_sessions(eva: User) -> None:
    device = device_of(eva)
    quote = device.api("POST", "/quotes", {"title": "I was here"}).body["id"]
    assert delete(device, "wrong").field_codes == {"password": "invalid_credentials"}
    assert delete(device).body["username"] == "eva"
    assert (User.objects.count(), Session.objects.count()) == (0, 0)
    assert device.refresh().code == "invalid_refresh_token"
    assert device.api("GET", "/sessions").code == "invalid_token"
    assert Api()("GET", f"/quotes/{quote}").body["created_by"] is None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/account/password", {"old_password": PASSWORD, "new_password": NEW}),
        ("PUT", "/account/email", {"email": "new@example.com"}),
        ("POST", "/account/deletion", {"password": PASSWORD}),
        ("GET", "/sessions", None),
        ("DELETE", "/sessions", None),
        ("DELETE", "/sessions/current", None),
        ("DELETE", "/sessions/1", None),
    ],
)
def test_nobody_changes_an_account_without_its_token(method: str, path: str, body: Any) -> None:
    assert Api()(method, path, body).code == "not_authenticated"
    assert Api("x")(method, path, body).code == "invalid_token"


@pytest.mark.parametrize("guess", [change, delete])
def test_wrong_passwords_count_as_guesses_at_the_login(
    eva: User, settings: Settings, guess: Any
) -> None:
    settings.LOGIN_RATE = "2/minute"
    device = device_of(eva)
    assert [guess(device, "wrong").status for _ in range(3)] == [422, 422, 429]
    assert guess(device).status == 429, "whatever it is"
    assert log_in(PASSWORD).status == 429
    assert User.objects.get().check_password(PASSWORD)


def test_guesses_of_strangers_do_not_keep_one_from_ones_own_account(
    eva: User, settings: Settings
) -> None:
    settings.LOGIN_RATE = "2/minute"
    device, known = device_of(eva), log_in(PASSWORD).body["device_token"]
    assert [log_in("wrong").status for _ in range(3)] == [401, 401, 429]
    assert log_in(PASSWORD).status == 429, "from anywhere"
    assert log_in(PASSWORD, device_token=known).status == 201, "but not from a device that was in"
    assert change(device).status == 200


def test_a_device_has_as_few_guesses_as_anybody(eva: User, settings: Settings) -> None:
    settings.LOGIN_RATE = "2/minute"
    known = log_in(PASSWORD).body["device_token"]
    assert [log_in("wrong", device_token=known).status for _ in range(3)] == [401, 401, 429]
    assert log_in(PASSWORD, device_token=known).status == 429
    assert log_in(PASSWORD).status == 429, "they count for the account, too"


def test_a_device_is_known_to_its_account_until_the_password_changes(
    eva: User, settings: Settings
) -> None:
    settings.LOGIN_RATE = "2/minute"
    User.objects.create_user("bob", password=PASSWORD)
    bobs = Api()("POST", "/tokens", {"username": "bob", "password": PASSWORD}).body["device_token"]
    old = log_in(PASSWORD).body["device_token"]
    assert log_in(PASSWORD, device_token=old).body["device_token"] == old
    change(device_of(eva))
    for _ in range(2):
        log_in("wrong")
    tokens = (bobs, old, "x", "", bobs[:-1])
    assert {log_in(NEW, device_token=token).status for token in tokens} == {429}
