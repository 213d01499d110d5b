"""Fake services over real HTTP, and a client that speaks GraphQL to the gateway."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from gateway.execution import documents
from gateway.upstream.breakers import breaker
from gateway.upstream.transport.door import exchange
from gateway.upstream.transport.interface import Request
from identity import tokens
from tests.gateway.fake_service import FakeService
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL
from tests.gateway.halves import PAGE
from tests.identity.conftest import PATIENCE, SigningKey

SHORT = 0.2  # seconds that a silent service is waited for


@pytest.fixture
def patience(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the gateway wait for its services as long as a loaded machine may take."""
    settings.UPSTREAM_CONNECT_TIMEOUT = settings.UPSTREAM_READ_TIMEOUT = timedelta(seconds=PATIENCE)
    settings.UPSTREAM_WRITE_TIMEOUT = settings.REQUEST_BUDGET = timedelta(seconds=PATIENCE)
    monkeypatch.setattr("identity.keys.FETCH_TIMEOUT", timedelta(seconds=PATIENCE))
    monkeypatch.setattr("identity.keys.REFRESH_TIMEOUT", timedelta(seconds=PATIENCE - 1))


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Callable[[FakeService], None]:
    """Answer a function that has a service be silent, and the gateway wait for it but a moment;
    the other one may take as long as a loaded machine does.
    """

    def be_silent(service: FakeService) -> None:
        def impatient(request: Request, *, seconds: float, **limits: Any) -> tuple[int, bytes]:
            if service.silent.is_set() and request.address == service.url:
                seconds = min(seconds, SHORT)
            return exchange(request, seconds=seconds, **limits)

        monkeypatch.setattr("gateway.upstream.services.exchange", impatient)
        service.silent.set()

    return be_silent


@pytest.fixture
def world(settings: Settings, tmp_path: Path, patience: None) -> Iterator[FakeWorld]:
    """Two fake services, which the gateway calls during the test."""
    quotes, likes = FakeService("quotes"), FakeService("likes")
    settings.QUOTES_URL, settings.LIKES_URL = quotes.url, likes.url
    settings.JWKS_URL = f"{quotes.url}/.well-known/jwks.json"
    settings.JWKS_FILE = str(tmp_path / "jwks.json")
    tokens.forget()
    breaker.cache_clear()
    world = FakeWorld(quotes, likes, SigningKey())
    yield world
    quotes.stop()
    likes.stop()
    tokens.forget()


@pytest.fixture(autouse=True)
def nothing_prepared() -> None:
    """Forget what was found of documents under other settings."""
    documents.forget()


@pytest.fixture
def ask(client: Client) -> GraphQL:
    """Answer a function that sends a GraphQL request and answers the decoded body."""
    return GraphQL(client)


@pytest.fixture
def token(world: FakeWorld) -> Callable[[int], str]:
    """Answer a function that makes a user's token."""

    def make(user_id: int, **claims: Any) -> str:
        return world.key.sign(sub=str(user_id), **claims)

    return make


@pytest.fixture
def page(world: FakeWorld, ask: GraphQL, token: Callable[..., str]) -> Callable[[], dict[str, Any]]:
    """Answer a function that asks several things at once of both services."""
    world.add_user(1)
    world.add_quotes(3, created_by=1)
    world.liked = [(2, 1)]
    sent = token(1)
    ask("{ __typename }", token=sent)  # fetches the keys

    def ask_page() -> dict[str, Any]:
        return ask(PAGE, token=sent)

    assert "errors" not in ask_page()
    return ask_page
