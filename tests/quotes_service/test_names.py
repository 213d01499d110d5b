"""One name is one account, however it is written, and none can be taken for another's."""

import importlib
from types import SimpleNamespace
from typing import Literal
from unicodedata import normalize
from urllib.parse import quote

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from messaging.models import OutboxEvent
from quotes_service.models import User
from tests.rest_api import Api, Response
from web.names import name_key

pytestmark = pytest.mark.django_db
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
LOOK_ALIKE = "\N{CYRILLIC SMALL LETTER A}nn"
PASSWORD = "correct horse battery"
# The same to the eye: é and ﬁ as other code points, and as one.
TYPED = "caf\N{LATIN SMALL LETTER E}\N{COMBINING ACUTE ACCENT} \N{LATIN SMALL LIGATURE FI}ne 12"


def register(username: str, password: str = PASSWORD) -> Response:
    return Api()("POST", "/users", {"username": username, "password": password})


def log_in(username: str, password: str = PASSWORD) -> Response:
    return Api()("POST", "/tokens", {"username": username, "password": password})


def found_as(username: str) -> list[str]:
    response = Api()("GET", f"/users?username={quote(username)}")
    return [item["username"] for item in response.body["items"]]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Bob", "bob"),
        ("bob", "BOB"),
        ("ＢＯＢ", "bob"),  # noqa: RUF001 - fullwidth
        ("Straße", "STRASSE"),
        ("Zo\N{LATIN SMALL LETTER E}\N{COMBINING DIAERESIS}", "ZOË"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ],
)
def test_names_that_differ_by_case_or_form_are_one_account(first: str, second: str) -> None:
    registered = register(first)
    assert registered.status == 201
    assert registered.body["username"] == normalize("NFKC", first)
    refused = register(second)
    assert (refused.status, refused.field_codes) == (422, {"username": "taken"})
    assert log_in(second).body["user"]["id"] == registered.body["id"]
    assert found_as(second) == [registered.body["username"]]


@pytest.mark.parametrize(
    "username",
    [
        LOOK_ALIKE,
        "p\N{GREEK SMALL LETTER ALPHA}ul",
        "\N{CHEROKEE LETTER GO}\N{CHEROKEE LETTER E}\N{CHEROKEE LETTER I}",  # as if it were ART
        "ann\N{HANGUL FILLER}",  # which can't be seen
        "a\N{ARABIC-INDIC DIGIT ZERO}b",
    ],
)
def test_look_alikes_are_refused(username: str) -> None:
    response = register(username)
    assert (response.status, response.field_codes) == (422, {"username": "invalid"})
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "username", ["Анна-1", "ανδρέας", "ラーメンtaro大好", "김치man", "李ㄅb", "_", "١٢"]
)
def test_names_of_one_script_and_those_of_east_asia_with_latin_are_welcome(username: str) -> None:
    assert register(username).status == 201


def test_an_account_of_an_older_rule_stays_and_can_be_changed(client: Client) -> None:
    look_alike = User.objects.create(username=LOOK_ALIKE)
    look_alike.email = "new@example.com"
    look_alike.full_clean(exclude=["password"])
    client.force_login(User.objects.create_superuser("root"))
    page = f"/admin/quotes_service/user/{look_alike.id}/change/"
    form = {
        "username": look_alike.username,
        "date_joined_0": "2026-11-27",
        "date_joined_1": "08:00",
    }
    assert client.post(page, form).status_code == 302
    look_alike.refresh_from_db()
    assert not look_alike.is_active


@pytest.mark.parametrize("username", ["ANN", LOOK_ALIKE])
def test_the_admin_has_the_same_rules(client: Client, ann: User, username: str) -> None:
    client.force_login(User.objects.create_superuser("root"))
    form = {"username": username, "password1": PASSWORD, "password2": PASSWORD}
    form["usable_password"] = "true"
    assert client.post("/admin/quotes_service/user/add/", form).status_code == 200
    assert not User.objects.filter(username=username).exists()


def test_createsuperuser_finds_a_name_taken_in_another_spelling(ann: User) -> None:
    with pytest.raises(CommandError, match="already taken"):
        call_command("createsuperuser", username="ANN", email="a@example.com", interactive=False)


def test_an_account_can_be_renamed_to_another_spelling_of_its_name(ann: User, bob: User) -> None:
    ann.username = "Ann"
    ann.full_clean(exclude=["password"])
    ann.save()
    bob.username = "aNN"
    with pytest.raises(Exception, match="already exists"):
        bob.full_clean(exclude=["password"])
    ann.username = "Anna"
    ann.save()
    assert User.objects.get_by_natural_key("ANNA") == ann


def test_guesses_at_one_account_count_together_however_its_name_is_written(
    settings: Settings,
) -> None:
    settings.LOGIN_RATE = "3/minute"
    register("Straße")
    spellings = ["straße", "STRASSE", "Strasse", "strasse"]
    assert [log_in(name, "wrong").status for name in spellings] == [401, 401, 401, 429]


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_password_is_right_in_whatever_form_it_is_typed(form: Form) -> None:
    register("carol", TYPED)
    assert log_in("carol", normalize(form, TYPED)).status == 201


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKD"])
def test_a_password_stored_as_it_was_typed_goes_on_and_is_hashed_anew(form: Form) -> None:
    """Older releases did so."""
    typed = normalize(form, TYPED)
    user = User.objects.create(username="carol", password=make_password(typed))
    old = user.password
    assert log_in("carol", "wrong").status == 401
    token = log_in("carol", typed).body["token"]
    user.refresh_from_db()
    assert user.password != old
    assert log_in("carol", normalize("NFKC", TYPED)).status == 201
    assert log_in("carol", typed).status == 201
    assert Api(token)("POST", "/quotes", {"title": "x"}).status == 201  # nothing has ended
    assert not OutboxEvent.objects.filter(type="quotes.user.updated").exists()


def test_a_hash_of_an_older_cost_is_made_anew_and_ends_no_tokens(settings: Settings) -> None:
    older = "django.contrib.auth.hashers.Argon2PasswordHasher"
    settings.PASSWORD_HASHERS = [older]
    old = make_password(PASSWORD)
    User.objects.create(username="carol", password=old)
    settings.PASSWORD_HASHERS = ["quotes_service.accounts.hashers.OwaspArgon2PasswordHasher"]
    assert log_in("carol").status == 201
    user = User.objects.get()
    assert (user.password != old, user.version, user.valid_from) == (True, 1, None)


def test_a_name_that_exists_is_told_by_no_number_of_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a password of which two forms are tried, either."""
    register("carol", TYPED)
    hashes: list[str] = []

    def hash_once(*args: object, **kwargs: object) -> str:
        hashes.append("x")
        return "argon2$x"

    hasher = "quotes_service.accounts.hashers.OwaspArgon2PasswordHasher"
    monkeypatch.setattr(f"{hasher}.encode", hash_once)
    monkeypatch.setattr(f"{hasher}.verify", lambda *args: hash_once(*args) is None)
    counts = []
    for username in ("carol", "nobody"):
        hashes.clear()
        log_in(username, f"{TYPED} wrong")
        counts.append(len(hashes))
    assert counts[0] == counts[1] > 1


def test_a_migration_names_accounts_that_are_now_one_and_both_log_in(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for username in ("Bob", "bob", "Zoë"):
        user = User(username=username, password=make_password(f"{username} {PASSWORD}"))
        User.objects.bulk_create([user])  # as an older release wrote it: without a key
    migration = importlib.import_module("quotes_service.migrations.0004_username_keys")
    migration.fill_keys(apps, SimpleNamespace(connection=connection))
    printed = capsys.readouterr().out
    assert "'bob'" in printed
    assert "Zo" not in printed
    keys = dict(User.objects.values_list("username", "username_key"))
    assert keys == {"Bob": "bob", "bob": None, "Zoë": "zoë"}
    for username in ("Bob", "bob"):
        found = log_in(username, f"{username} {PASSWORD}").body["user"]
        assert found["username"] == username
        assert found_as(username) == [username]
    assert log_in("BOB", f"Bob {PASSWORD}").body["user"]["username"] == "Bob"
    assert register("bOb").field_codes == {"username": "taken"}


def test_the_form_in_which_names_are_compared_has_itself_for_a_form() -> None:
    letters = [chr(code) for code in range(0x30000) if not 0xD800 <= code <= 0xDFFF]
    assert [letter for letter in letters if name_key(name_key(letter)) != name_key(letter)] == []
