"""Fake services over real HTTP, and a client that speaks GraphQL to the gateway."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from gateway import documents
from gateway.breakers import breaker
from identity import tokens
from tests.gateway.fakes import FakeService, FakeWorld
from tests.gateway.graphql import GraphQL
from tests.identity.conftest import SigningKey


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> Iterator[FakeWorld]:
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
