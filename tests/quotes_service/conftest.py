"""A client of the REST API as a caller has it, accounts, and keys of the tests' own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from identity import tokens as identity_tokens
from quotes_service.accounts.signing_keys import signing_keys
from quotes_service.accounts.tokens import issue_token, write_jwks_file
from quotes_service.models import Quote, User
from quotes_service.search.refolding import write_searchable
from tests.rest_api import Api
from web import rates


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    rates.forget()


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def _keys(settings: Settings, keys_folder: Path) -> Iterator[None]:
    settings.JWT_PRIVATE_KEY = ""
    settings.JWT_PRIVATE_KEY_FILE = str(keys_folder / "key.pem")
    settings.JWT_CREATE_KEY = True
    settings.JWKS_FILE = str(keys_folder / "jwks.json")
    settings.JWKS_URL = "http://127.0.0.1:9/jwks.json"  # the discard port: nobody answers
    signing_keys.cache_clear()
    identity_tokens.forget()
    write_jwks_file()
    yield
    signing_keys.cache_clear()
    identity_tokens.forget()


@pytest.fixture
def api() -> Api:
    """A caller without a token."""
    return Api()


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """Makes accounts. They have no password, whose hash would cost 20 ms each."""

    def make(username: str, **values: Any) -> User:
        return User.objects.create(username=username, **values)

    return make


@pytest.fixture
def ann(make_user: Callable[..., User]) -> User:
    return make_user("ann", email="ann@example.com")


@pytest.fixture
def bob(make_user: Callable[..., User]) -> User:
    return make_user("bob", email="bob@example.com")


@pytest.fixture
def staff(make_user: Callable[..., User]) -> User:
    return make_user("staff", is_staff=True)


def as_user(user: User) -> Api:
    """The API as this user calls it."""
    return Api(issue_token(user).token)


@pytest.fixture
def make_quote(ann: User) -> Callable[..., Quote]:
    """Puts quotes in the database, with no events."""

    def make(title: str = "Simplify.", **values: Any) -> Quote:
        now = timezone.now()
        values = {"created_by": ann, "created_at": now, "updated_at": now} | values
        quote = Quote.objects.create(title=title, **values)
        write_searchable([quote])
        return quote

    return make
