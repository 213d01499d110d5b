"""How long a service is waited for: a read, a write, a connection, and all of a request."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from gateway.upstream.transport.door import exchange
from gateway.upstream.transport.interface import Request
from tests.gateway.fake_service import FakeService
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, codes
from tests.gateway.halves import assert_only_likes_is_missing, assert_only_quotes_is_missing
from tests.gateway.ways import fast_transport
from tests.identity.conftest import PATIENCE

Page = Callable[[], dict[str, Any]]
Silence = Callable[[FakeService], None]


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that each call of a service was allowed; each may take longer for all that."""
    seconds_allowed: list[float] = []

    def noted(request: Request, *, seconds: float, **limits: Any) -> tuple[int, bytes]:
        seconds_allowed.append(seconds)
        return exchange(request, seconds=PATIENCE, **limits)

    monkeypatch.setattr("gateway.upstream.services.exchange", noted)
    return seconds_allowed


def test_a_read_is_waited_for_shorter_than_a_write_and_what_tells_of_it(
    world: FakeWorld,
    ask: GraphQL,
    token: Callable[..., str],
    settings: Settings,
    allowed: list[float],
) -> None:
    settings.UPSTREAM_READ_TIMEOUT = timedelta(seconds=3)
    settings.UPSTREAM_WRITE_TIMEOUT = timedelta(seconds=5)
    world.add_quotes(1)
    ask('{ quote(id: "1") { id likedByMe } }', token=token(1))
    assert allowed == [3, 3]
    allowed.clear()
    ask('mutation { likeQuote(input: {quoteId: "1"}) { __typename } }', token=token(1))
    assert allowed == [5, 5]


@fast_transport
def test_a_connection_is_waited_for_shorter_than_an_answer(
    world: FakeWorld, ask: GraphQL, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPSTREAM_CONNECT_TIMEOUT = timedelta(seconds=2)
    settings.UPSTREAM_READ_TIMEOUT = timedelta(seconds=3)
    connect, allowed = socket.create_connection, []

    def noted(address: tuple[str, int], seconds: float) -> socket.socket:
        allowed.append(seconds)
        return connect(address, PATIENCE)

    monkeypatch.setattr(
        "gateway.upstream.transport.fast.connections.socket.create_connection", noted
    )
    ask('{ quote(id: "1") { id } }')
    assert allowed == [2]


def test_a_silent_likes_is_a_time_out_and_costs_it_only_once(
    world: FakeWorld, page: Page, silence: Silence
) -> None:
    silence(world.likes)
    world.likes.calls.clear()
    assert_only_likes_is_missing(page(), "UPSTREAM_TIMEOUT")
    assert len(world.likes.calls) == 1


def test_a_likes_that_wakes_up_is_asked_again(
    world: FakeWorld, page: Page, silence: Silence
) -> None:
    silence(world.likes)
    page()
    world.likes.silent.clear()
    assert "errors" not in page()


def test_a_silent_quotes_is_a_time_out(world: FakeWorld, page: Page, silence: Silence) -> None:
    silence(world.quotes)
    assert_only_quotes_is_missing(page(), "UPSTREAM_TIMEOUT")


def test_the_operations_of_a_batch_share_one_budget(
    world: FakeWorld, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.GRAPHQL_MAX_BATCH = 4
    settings.REQUEST_BUDGET = timedelta(seconds=20)
    settings.UPSTREAM_READ_TIMEOUT = timedelta(seconds=10)
    now, allowed = [0.0], []

    def eight_seconds_long(request: Request, *, seconds: float, **limits: Any) -> tuple[int, bytes]:
        allowed.append(seconds)
        answer = exchange(request, seconds=PATIENCE, **limits)
        now[0] += 8
        return answer

    world.add_quotes(1)
    monkeypatch.setattr("gateway.upstream.services.time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr("gateway.upstream.services.exchange", eight_seconds_long)
    batch = [{"query": '{ quote(id: "1") { title } }'}] * 4
    bodies = client.post("/graphql", batch, "application/json").json()
    assert allowed == [10, 10, 4]
    assert [codes(body) for body in bodies] == [[], [], [], ["UPSTREAM_TIMEOUT"]]


def test_a_service_that_is_silent_costs_a_batch_one_time_out(
    world: FakeWorld, client: Client, silence: Silence, settings: Settings
) -> None:
    settings.GRAPHQL_MAX_BATCH = 3
    silence(world.quotes)
    world.quotes.calls.clear()
    batch = [{"query": '{ quote(id: "1") { title } }'}] * 3
    bodies = client.post("/graphql", batch, "application/json").json()
    assert [codes(body) for body in bodies] == [["UPSTREAM_TIMEOUT"]] * 3
    assert len(world.quotes.calls) == 1


def test_what_the_budget_of_a_request_does_not_reach_is_not_asked(
    world: FakeWorld,
    page: Page,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.REQUEST_BUDGET = timedelta(seconds=20)
    settings.UPSTREAM_READ_TIMEOUT = timedelta(seconds=10)
    now, allowed = [0.0], []

    def eight_seconds_long(request: Request, *, seconds: float, **limits: Any) -> tuple[int, bytes]:
        allowed.append(seconds)
        answer = exchange(request, seconds=PATIENCE, **limits)
        now[0] += 8
        return answer

    monkeypatch.setattr("gateway.upstream.services.time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr("gateway.upstream.services.exchange", eight_seconds_long)
    world.quotes.calls.clear()
    world.likes.calls.clear()
    body = page()
    assert allowed == [10, 10, 4]
    assert len(world.calls()) == 3
    assert len(body["data"]["quotes"]["nodes"]) == 3
    assert body["data"]["me"] is None
    assert set(codes(body)) == {"UPSTREAM_TIMEOUT"}


def test_a_service_that_accepts_no_connection_is_not_waited_for_as_for_an_answer(
    world: FakeWorld, page: Page, settings: Settings
) -> None:
    settings.UPSTREAM_CONNECT_TIMEOUT = timedelta(seconds=0.3)
    settings.UPSTREAM_READ_TIMEOUT = timedelta(seconds=10 * PATIENCE)
    settings.REQUEST_BUDGET = timedelta(seconds=10 * PATIENCE)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as stack:
        for _ in range(3):  # it takes one, and leaves all others to wait
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        settings.LIKES_URL = f"http://127.0.0.1:{full.getsockname()[1]}"
        with ThreadPoolExecutor(1) as pool:
            stack.callback(full.close)  # should it be waited for after all, it is refused then
            body = pool.submit(page).result(PATIENCE)
    assert_only_likes_is_missing(body, "UPSTREAM_TIMEOUT")
