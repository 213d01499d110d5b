"""Going on, logging out, and changing one's own account, over GraphQL."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from tests.gateway.fake_service import Answer, Call, problem
from tests.gateway.fake_world import AT, FakeWorld
from tests.gateway.graphql import GraphQL, codes, messages, user_id

Token = Callable[..., str]
USER = {"id": 3, "username": "ada", "joined_at": AT, "email": "ada@example.com"}
TOKENS = {"token": "t.t.t", "expires_at": AT}
REFRESH = {"refresh_token": "r2", "refresh_expires_at": AT}
INFO = "... on OperationInfo { messages { field code } }"
NEXT = f"... on TokenPayload {{ token }} {INFO}"
SELF = f"... on User {{ id email }} {INFO}"
OUT = f"... on LogoutPayload {{ ended }} {INFO}"
REFRESH_SESSION = (
    "mutation($input: RefreshSessionInput!) { refreshSession(input: $input)"
    f" {{ ... on LoginPayload {{ token refreshToken deviceToken user {{ id }} }} {INFO} }} }}"
)
# What is asked; the call that it comes to; what the service answers; what the client gets
MUTATIONS: dict[str, tuple[str, str, Any, dict[str, Any], dict[str, Any]]] = {
    "logout": (f"logout {{ {OUT} }}", "DELETE /sessions/current", None, {"ended": 1}, {"ended": 1}),
    "logout everywhere": (
        f"logout(all: true) {{ {OUT} }}", "DELETE /sessions", None, {"ended": 4}, {"ended": 4},
    ),
    "endSession": (
        f'endSession(input: {{id: "8"}}) {{ {NEXT} }}',
        "DELETE /sessions/8", None, {"ended": 1, **TOKENS}, {"token": "t.t.t"},
    ),
    "endSession of one's own": (
        f'endSession(input: {{id: "8"}}) {{ {NEXT} }}',
        "DELETE /sessions/8", None, {"ended": 1}, {"token": None},
    ),
    "changePassword": (
        f'changePassword(input: {{oldPassword: "a", newPassword: "b"}}) {{ {NEXT} }}',
        "PUT /account/password", {"old_password": "a", "new_password": "b"},
        TOKENS, {"token": "t.t.t"},
    ),
    "changeEmail": (
        f'changeEmail(input: {{email: "ada@example.com"}}) {{ {SELF} }}',
        "PUT /account/email", {"email": "ada@example.com"},
        USER, {"id": user_id(3), "email": "ada@example.com"},
    ),
    "changeEmail to none": (
        f"changeEmail(input: {{email: null}}) {{ {SELF} }}",
        "PUT /account/email", {"email": None}, USER | {"email": ""},
        {"id": user_id(3), "email": None},
    ),
    "deleteAccount": (
        f'deleteAccount(input: {{password: "a"}}) {{ {SELF} }}',
        "POST /account/deletion", {"password": "a"},
        USER, {"id": user_id(3), "email": "ada@example.com"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mutation_is_one_call_in_the_callers_name(
    world: FakeWorld, ask: GraphQL, token: Token, name: str
) -> None:
    field, path, payload, answer, expected = MUTATIONS[name]
    world.quotes.misbehave(Answer(200, answer))
    mine = token(3)
    assert ask(f"mutation {{ it: {field} }}", token=mine) == {"data": {"it": expected}}
    assert world.quotes.paths() == [path]
    call = world.quotes.calls[-1]
    assert (call.payload, call.headers["authorization"]) == (payload, f"Bearer {mine}")
    assert call.headers["x-forwarded-for"] == "127.0.0.1", "by which Quotes counts guesses"


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_needs_a_token_and_tells_why_it_is_refused(
    world: FakeWorld, ask: GraphQL, token: Token, name: str
) -> None:
    query = f"mutation {{ it: {MUTATIONS[name][0]} }}"
    assert messages(ask(query)["data"]["it"]) == [(None, "NOT_AUTHENTICATED")]
    assert world.calls() == []
    errors = [("old_password", "invalid_credentials", "The password is wrong.")]
    world.quotes.misbehave(problem(422, "validation_error", errors=errors))
    refused = ask(query, token=token(3))["data"]["it"]
    assert messages(refused) == [("oldPassword", "INVALID_CREDENTIALS")]


def test_an_id_that_no_session_has_is_not_found(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    query = f'mutation {{ endSession(input: {{id: "x/../1"}}) {{ {NEXT} }} }}'
    assert messages(ask(query, token=token(3))["data"]["endSession"]) == [(None, "NOT_FOUND")]
    assert world.calls() == []


def test_an_e_mail_address_that_is_left_out_is_told(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.quotes.misbehave(
        problem(422, "validation_error", errors=[("email", "required", "is required")])
    )
    body = ask(f"mutation {{ changeEmail(input: {{}}) {{ {SELF} }} }}", token=token(3))
    assert messages(body["data"]["changeEmail"]) == [("email", "REQUIRED")]
    assert world.quotes.calls[-1].payload == {}


def test_a_session_goes_on_beside_a_token_that_does_not_hold(
    world: FakeWorld, ask: GraphQL
) -> None:
    world.quotes.misbehave(Answer(201, {**TOKENS, **REFRESH, "user": USER}))
    response = ask.response(
        REFRESH_SESSION,
        {"input": {"refreshToken": "r1"}},
        headers={"Authorization": "Bearer x.y.z"},
    )
    assert response.json()["data"]["refreshSession"] == {
        "token": "t.t.t",
        "refreshToken": "r2",
        "deviceToken": None,
        "user": {"id": user_id(3)},
    }
    assert not response.cookies
    call = world.quotes.calls[-1]
    assert (call.path, call.payload) == ("/tokens/refresh", {"refresh_token": "r1"})
    assert "authorization" not in call.headers


def test_a_refresh_whose_connection_broke_is_sent_again(world: FakeWorld, ask: GraphQL) -> None:
    answers = iter([Answer(hang_up=True), Answer(201, {**TOKENS, **REFRESH, "user": USER})])
    world.quotes.answer = lambda call: next(answers)
    body = ask(REFRESH_SESSION, {"input": {"refreshToken": "r1"}})
    assert body["data"]["refreshSession"]["refreshToken"] == "r2"


def test_without_a_refresh_token_nobody_is_asked(world: FakeWorld, ask: GraphQL) -> None:
    for given in ({}, {"refreshToken": None}, {"refreshToken": ""}):
        body = ask(REFRESH_SESSION, {"input": given})
        assert messages(body["data"]["refreshSession"]) == [(None, "INVALID_REFRESH_TOKEN")]
    body = ask(REFRESH_SESSION, {"input": {"refreshToken": "a\0b"}})
    assert codes(body) == ["BAD_USER_INPUT"]
    assert world.calls() == []


def test_a_login_sends_what_its_device_is_known_by(world: FakeWorld, ask: GraphQL) -> None:
    known = {**TOKENS, **REFRESH, "device_token": "d2", "user": USER}
    world.quotes.misbehave(Answer(201, known))
    body = ask(
        'mutation { login(input: {username: "ada", password: "p", deviceToken: "d1"})'
        " { ... on LoginPayload { refreshToken refreshExpiresAt deviceToken user { email } } } }"
    )
    assert body["data"]["login"] == {
        "refreshToken": "r2",
        "refreshExpiresAt": "2026-11-25T04:38:40.123456Z",
        "deviceToken": "d2",
        "user": {"email": "ada@example.com"},
    }
    assert world.quotes.calls[-1].payload["device_token"] == "d1"


def test_a_release_of_quotes_without_sessions_still_logs_in(world: FakeWorld, ask: GraphQL) -> None:
    world.quotes.misbehave(Answer(201, {**TOKENS, "user": USER}))
    body = ask(
        'mutation { login(input: {username: "ada", password: "p"})'
        " { ... on LoginPayload { token refreshToken refreshExpiresAt } } }"
    )
    expected = {"token": "t.t.t", "refreshToken": None, "refreshExpiresAt": None}
    assert body["data"]["login"] == expected


SESSION_ID = b64encode(b"Session:7").decode()
SESSION = {"id": 7, "created_at": AT, "last_used_at": AT, "current": True}


def test_one_sees_ones_own_e_mail_address_and_sessions_with_one_call(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    usual = world.quotes.answer

    def answer(call: Call) -> Answer:
        return Answer(200, {"items": [SESSION]}) if call.path == "/sessions" else usual(call)

    world.quotes.answer = answer
    world.add_user(5)
    world.users[5]["email"] = "five@example.com"
    body = ask(
        "{ me { email sessions { id current } again: sessions { createdAt lastUsedAt } } }",
        token=token(5),
    )
    at = "2026-11-25T04:38:40.123456Z"
    assert body["data"]["me"] == {
        "email": "five@example.com",
        "sessions": [{"id": SESSION_ID, "current": True}],
        "again": [{"createdAt": at, "lastUsedAt": at}],
    }
    assert sorted(world.quotes.paths()) == ["GET /sessions", "GET /users/5"]


def test_of_others_neither_is_seen_nor_the_sessions_of_oneself_in_every_row(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_user(5)
    world.add_quotes(3, created_by=5)
    query = "{ quotes(first: 3) { nodes { createdBy { email sessions { id } } } } }"
    body = ask(query, token=token(5))
    nothing = {"createdBy": {"email": None, "sessions": None}}
    assert body == {"data": {"quotes": {"nodes": [nothing] * 3}}}
    assert world.quotes.paths() == ["GET /quotes", "GET /users"]


def test_a_token_that_quotes_takes_no_more_is_told_beside_what_can_be_seen(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    usual = world.quotes.answer
    refused = problem(401, "invalid_token")
    world.quotes.answer = lambda call: refused if call.path == "/sessions" else usual(call)
    world.add_user(5)
    body = ask("{ me { id sessions { id } } }", token=token(5))
    assert body["data"] == {"me": {"id": user_id(5), "sessions": None}}
    assert codes(body) == ["UNAUTHENTICATED"]
