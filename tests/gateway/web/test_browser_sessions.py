"""The page logs in by cookies that its scripts can't read, and that no other page can use."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.gateway.fake_service import Answer, problem
from tests.gateway.fake_world import AT, FakeWorld
from tests.gateway.graphql import codes, messages

Token = Callable[..., str]
HERE = "/graphql/session"
USER = {"id": 3, "username": "ada", "joined_at": AT}
SOON = (datetime.now(UTC) + timedelta(days=30)).isoformat()
TOKENS = {"token": "t.t.t", "expires_at": AT, "refresh_token": "r1", "refresh_expires_at": SOON}
FIELDS = (
    "{ ... on LoginPayload { token refreshToken deviceToken }"
    " ... on OperationInfo { messages { field code } } }"
)
LOG_IN = f'mutation {{ it: login(input: {{username: "ada", password: "p"}}) {FIELDS} }}'
REFRESH = f"mutation {{ it: refreshSession(input: {{}}) {FIELDS} }}"
LOG_OUT = "mutation { it: logout { __typename } }"
DELETE = 'mutation { it: deleteAccount(input: {password: "p"}) { __typename } }'


def post(client: Client, query: str, path: str = HERE, token: str = "", **headers: str) -> Any:
    """Send an operation as a page does."""
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post(path, {"query": query}, "application/json", headers={**sent, **headers})


@pytest.fixture
def logged_in(world: FakeWorld, client: Client) -> Client:
    """A browser that has logged in."""
    world.quotes.misbehave(Answer(201, {**TOKENS, "device_token": "d1", "user": USER}))
    post(client, LOG_IN)
    return client


def test_a_page_logs_in_without_ever_seeing_the_refresh_token(
    world: FakeWorld, client: Client
) -> None:
    world.quotes.misbehave(Answer(201, {**TOKENS, "device_token": "d1", "user": USER}))
    response = post(client, LOG_IN)
    answer = {"token": "t.t.t", "refreshToken": None, "deviceToken": None}
    assert response.json() == {"data": {"it": answer}}
    for name, value, days in (("refresh_token", "r1", 30), ("device_token", "d1", 365)):
        cookie = response.cookies[name]
        assert cookie.value == value
        assert (cookie["path"], cookie["samesite"]) == (HERE, "Strict")
        assert cookie["httponly"] is True
        assert days * 86_400 - 600 < cookie["max-age"] <= days * 86_400
        assert not cookie["secure"], "a browser would not keep it over http"


def test_over_https_the_cookies_are_sent_over_nothing_else(
    world: FakeWorld, client: Client, settings: Settings
) -> None:
    world.quotes.misbehave(Answer(201, {**TOKENS, "user": USER}))
    response = client.post(HERE, {"query": LOG_IN}, "application/json", secure=True)
    assert response.cookies["refresh_token"]["secure"] is True
    settings.SECURE_COOKIES = True  # where TLS ends at a proxy that says nothing of it
    assert post(client, LOG_IN).cookies["refresh_token"]["secure"] is True


def test_the_session_goes_on_by_the_cookie_which_is_new_each_time(
    world: FakeWorld, logged_in: Client
) -> None:
    world.quotes.misbehave(Answer(201, TOKENS | {"refresh_token": "r2", "user": USER}))
    response = post(logged_in, REFRESH)
    assert response.json()["data"]["it"]["token"] == "t.t.t"
    assert response.cookies["refresh_token"].value == "r2"
    assert world.quotes.calls[-1].payload == {"refresh_token": "r1"}
    assert "cookie" not in world.quotes.calls[-1].headers
    post(logged_in, REFRESH)
    assert world.quotes.calls[-1].payload == {"refresh_token": "r2"}


def test_the_next_login_is_from_a_device_that_is_known(world: FakeWorld, logged_in: Client) -> None:
    post(logged_in, LOG_IN)
    assert world.quotes.calls[-1].payload["device_token"] == "d1"


@pytest.mark.parametrize("query", [LOG_OUT, DELETE])
def test_who_logs_out_keeps_no_refresh_token_but_is_known(
    world: FakeWorld, logged_in: Client, token: Token, query: str
) -> None:
    world.quotes.misbehave(problem(401, "invalid_token"))
    assert "refresh_token" not in post(logged_in, query, token=token(3)).cookies, "nothing ended"
    world.quotes.misbehave(Answer(200, USER | {"ended": 1}))
    response = post(logged_in, query, token=token(3))
    cookie = response.cookies["refresh_token"]
    assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", 0, HERE)
    assert "device_token" not in response.cookies


def test_a_session_that_has_ended_takes_its_cookie_with_it_and_a_fault_does_not(
    world: FakeWorld, logged_in: Client
) -> None:
    world.quotes.misbehave(Answer(503, {}))
    response = post(logged_in, REFRESH)
    assert codes(response.json()) == ["UPSTREAM_UNAVAILABLE"]
    assert not response.cookies
    world.quotes.misbehave(problem(401, "invalid_refresh_token"))
    response = post(logged_in, REFRESH)
    assert messages(response.json()["data"]["it"]) == [(None, "INVALID_REFRESH_TOKEN")]
    assert response.cookies["refresh_token"]["max-age"] == 0


def test_the_cookie_is_for_nothing_but_the_refresh(world: FakeWorld, logged_in: Client) -> None:
    calls = len(world.calls())
    logged_in.cookies["refresh_token"]["path"] = "/"  # as if a browser sent it everywhere
    like = 'mutation { it: likeQuote(input: {quoteId: "1"})'
    like += " { ... on OperationInfo { messages { field code } } } }"
    for path in (HERE, "/graphql"):
        assert post(logged_in, "{ me { id } }", path).json() == {"data": {"me": None}}
        answer = post(logged_in, like, path).json()["data"]["it"]
        assert messages(answer) == [(None, "NOT_AUTHENTICATED")]
    refused = post(logged_in, REFRESH, "/graphql").json()["data"]["it"]
    assert messages(refused) == [(None, "INVALID_REFRESH_TOKEN")]
    assert len(world.calls()) == calls


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://testserver"}, 200),
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "https://testserver"}, 200),  # a proxy has ended TLS, and has not said so
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "http://testserver.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_no_page_of_another_origin_can_use_the_cookie(
    world: FakeWorld, logged_in: Client, headers: dict[str, str], status: int
) -> None:
    before = len(world.calls())
    response = post(logged_in, REFRESH, **headers)
    assert response.status_code == status
    assert (len(world.calls()) > before) is (status == 200)
    assert "Access-Control-Allow-Origin" not in response
    assert bool(response.cookies) is (status == 200)


def test_it_takes_nothing_but_posts_of_json(logged_in: Client) -> None:
    page = logged_in.get(HERE, headers={"Accept": "text/html"})
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert logged_in.get(HERE, {"query": "{ __typename }"}).status_code == 405
    assert logged_in.options(HERE).status_code == 405
    form = logged_in.post(HERE, "{}", "text/plain")
    assert form.status_code == 415
    assert post(logged_in, "{ __typename }", Host="elsewhere").status_code == 400
