"""Guessing passwords and making accounts is slowed down, and nobody else by it."""

import unicodedata
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from quotes_service.accounts import credentials
from quotes_service.models import User

pytestmark = pytest.mark.django_db
Post = Callable[..., Any]
PASSWORD = "an-uncommon-one-1815"


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> None:
    settings.LOGIN_RATE, settings.LOGIN_ADDRESS_RATE = "3/minute", "5/minute"
    settings.REGISTRATION_RATE = "2/hour"


@pytest.fixture
def eva() -> User:
    return User.objects.create_user("eva", password=PASSWORD)


def log_in(username: str, password: str, address: str = "192.0.2.1", **headers: str) -> Any:
    return Client().post(
        "/tokens",
        {"username": username, "password": password},
        content_type="application/json",
        REMOTE_ADDR=address,
        headers=headers,
    )


def test_after_a_few_wrong_passwords_an_account_is_refused_with_a_time_to_wait(eva: User) -> None:
    for _ in range(3):
        assert log_in("eva", "wrong").status_code == 401
    refused = log_in("eva", PASSWORD, address="192.0.2.9")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(refused["Retry-After"]) <= 60


def test_a_name_that_does_not_exist_is_refused_just_so(eva: User) -> None:
    responses = [log_in("nobody", "wrong").status_code for _ in range(4)]
    assert responses == [401, 401, 401, 429]


def test_the_case_of_a_name_is_no_way_round(eva: User) -> None:
    for name in ("eva", "EVA", "Eva"):
        log_in(name, "wrong")
    assert log_in("eva", "wrong").status_code == 429


@pytest.mark.parametrize("name", ["éva", "ﬁne", "\uff45\uff56\uff41"])
def test_no_spelling_of_a_name_is_a_way_round(name: str, db: None) -> None:
    User.objects.create_user(User.normalize_username(name), password=PASSWORD)
    spellings = [unicodedata.normalize(form, name) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    responses = [log_in(spelling, "wrong").status_code for spelling in spellings]
    assert responses == [401, 401, 401, 429]
    assert log_in(name, PASSWORD, address="192.0.2.9").status_code == 429


def test_guesses_at_once_are_counted_too(eva: User, monkeypatch: pytest.MonkeyPatch) -> None:
    responses: list[int] = []

    def while_another_is_hashed(**credentials: str) -> None:
        if len(responses) + len(under_way) < 12:
            under_way.append(1)
            responses.append(log_in("eva", "wrong").status_code)
            under_way.pop()

    under_way: list[int] = []
    monkeypatch.setattr(credentials, "authenticate", while_another_is_hashed)
    responses.append(log_in("eva", "wrong").status_code)
    assert sorted(responses) == [401, 401, 401, 429]


def test_who_is_refused_for_what_is_under_way_need_not_wait_long(
    eva: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []

    def while_another_is_hashed(**credentials: str) -> User:
        response = log_in("eva", PASSWORD)
        refused.extend([response["Retry-After"]] if response.status_code == 429 else [])
        return eva

    monkeypatch.setattr(credentials, "authenticate", while_another_is_hashed)
    assert log_in("eva", PASSWORD).status_code == 201
    assert refused == ["1"]
    monkeypatch.undo()
    assert log_in("eva", PASSWORD).status_code == 201, "nothing was wrong, so nothing counts"


def test_an_address_that_guesses_at_many_accounts_is_refused_and_others_are_not(eva: User) -> None:
    for number in range(5):
        assert log_in(f"user{number}", "wrong").status_code == 401
    assert log_in("eva", PASSWORD).status_code == 429
    assert log_in("eva", PASSWORD, address="192.0.2.2").status_code == 201


def test_addresses_of_one_network_are_one(eva: User) -> None:
    for number in range(5):
        log_in(f"user{number}", "wrong", address=f"2001:db8::{number}")
    assert log_in("eva", PASSWORD, address="2001:db8::ffff").status_code == 429
    assert log_in("eva", PASSWORD, address="2001:db8:0:1::").status_code == 201
    registered = [register(f"new{number}", f"2001:db8:0:2::{number}") for number in range(3)]
    assert registered == [201, 201, 429]


def test_right_passwords_are_not_counted(eva: User) -> None:
    assert {log_in("eva", PASSWORD).status_code for _ in range(8)} == {201}


def test_a_forwarded_address_counts_only_from_a_trusted_forwarder(
    eva: User, settings: Settings
) -> None:
    for number in range(5):
        log_in(f"user{number}", "wrong", **{"X-Forwarded-For": f"198.51.100.{number}"})
    forged = {"X-Forwarded-For": "192.0.2.1, 203.0.113.1"}  # a forwarder adds the last one
    assert log_in("eva", PASSWORD, **forged).status_code == 429
    settings.TRUSTED_FORWARDERS = [ip_network("192.0.2.1")]
    assert log_in("eva", PASSWORD, **forged).status_code == 201


def register(name: str, address: str = "192.0.2.1", password: str = PASSWORD) -> int:
    return (
        Client()
        .post(
            "/users",
            {"username": name, "password": password},
            content_type="application/json",
            REMOTE_ADDR=address,
        )
        .status_code
    )


def test_an_address_makes_only_so_many_accounts() -> None:
    assert [register(f"new{number}") for number in range(3)] == [201, 201, 429]
    assert register("new9", "192.0.2.2") == 201
    assert User.objects.count() == 3


def test_an_account_that_is_not_made_is_not_counted(eva: User) -> None:
    refused = [register("eva"), register("new", password="short"), register("a b")]
    assert refused == [422, 422, 422]
    assert [register(f"new{number}") for number in range(3)] == [201, 201, 429]
