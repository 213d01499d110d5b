"""Registering, logging in, and who the caller is taken for."""

import time
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from identity import tokens
from tests.gateway.fake_service import Answer, problem
from tests.gateway.fake_world import AT, FakeWorld
from tests.gateway.graphql import GraphQL, codes, messages, quote_id, user_id
from tests.identity.conftest import SigningKey

Token = Callable[..., str]
USER = {"id": 3, "username": "ada", "joined_at": AT}
LOGIN_FIELDS = (
    "... on LoginPayload { token expiresAt user { id username joinedAt } }"
    " ... on OperationInfo { messages { field code } }"
)
REGISTER = f"mutation($input: RegisterInput!) {{ register(input: $input) {{ {LOGIN_FIELDS} }} }}"
LOGIN = f"mutation($input: LoginInput!) {{ login(input: $input) {{ {LOGIN_FIELDS} }} }}"
EXPECTED = {
    "token": "t.t.t",
    "expiresAt": "2026-11-25T04:38:40.123456Z",
    "user": {"id": user_id(3), "username": "ada", "joinedAt": "2026-11-25T04:38:40.123456Z"},
}


def test_registering_answers_a_token_and_the_user(world: FakeWorld, ask: GraphQL) -> None:
    answer = USER | {"email": "a@b.example", "token": "t.t.t", "expires_at": AT}
    world.quotes.answer = lambda call: Answer(201, answer)
    body = ask(REGISTER, {"input": {"username": "ada", "password": "p", "email": None}})
    assert body["data"]["register"] == EXPECTED
    assert world.quotes.paths() == ["POST /users"]
    assert world.quotes.calls[-1].payload == {"username": "ada", "password": "p"}


def test_logging_in_answers_a_token_and_the_user(world: FakeWorld, ask: GraphQL) -> None:
    answer = {"token": "t.t.t", "expires_at": AT, "user": USER}
    world.quotes.answer = lambda call: Answer(201, answer)
    body = ask(LOGIN, {"input": {"username": "ada", "password": "p"}})
    assert body["data"]["login"] == EXPECTED
    assert world.quotes.paths() == ["POST /tokens"]


def test_wrong_credentials_are_data(world: FakeWorld, ask: GraphQL) -> None:
    world.quotes.misbehave(problem(401, "invalid_credentials"))
    body = ask(LOGIN, {"input": {"username": "ada", "password": "p"}})
    assert messages(body["data"]["login"]) == [(None, "INVALID_CREDENTIALS")]


@pytest.mark.parametrize("mutation", [LOGIN, REGISTER])
def test_who_tried_too_often_is_told_when_to_try_again(
    world: FakeWorld, ask: GraphQL, mutation: str
) -> None:
    world.quotes.misbehave(problem(429, "rate_limited", retry_after=37))
    answer = ask.response(mutation, {"input": {"username": "ada", "password": "p"}})
    assert answer["Retry-After"] == "37"
    [told] = answer.json()["data"].values()
    assert messages(told) == [(None, "RATE_LIMITED")]


def test_a_query_that_is_asked_too_often_is_told_when_to_try_again(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.quotes.misbehave(problem(429, "rate_limited", retry_after=37))
    answer = ask.response("{ me { id } }", token=token(5))
    assert answer["Retry-After"] == "37"
    [error] = answer.json()["errors"]
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 37}


def test_of_a_batch_the_longest_time_to_wait_is_told(
    world: FakeWorld, ask: GraphQL, client: Client, settings: Settings
) -> None:
    settings.GRAPHQL_MAX_BATCH = 2
    world.quotes.misbehave(problem(429, "rate_limited", retry_after=37))
    login = {"query": LOGIN, "variables": {"input": {"username": "ada", "password": "p"}}}
    batch = [login, {"query": "{ __typename }"}]
    assert client.post("/graphql", batch, content_type="application/json")["Retry-After"] == "37"


def test_a_taken_name_is_data_with_its_field(world: FakeWorld, ask: GraphQL) -> None:
    world.quotes.misbehave(
        problem(422, "validation_error", errors=[("username", "taken", "Taken")])
    )
    body = ask(REGISTER, {"input": {"username": "ada", "password": "p"}})
    assert messages(body["data"]["register"]) == [("username", "TAKEN")]


@pytest.mark.parametrize("name", ["username", "password"])
def test_credentials_with_a_nul_are_refused(world: FakeWorld, ask: GraphQL, name: str) -> None:
    credentials = {"username": "ada", "password": "p"} | {name: "a\u0000b"}
    for query in (REGISTER, LOGIN):
        assert codes(ask(query, {"input": credentials})) == ["BAD_USER_INPUT"]
    assert world.calls() == []


def test_me_is_whom_the_token_stands_for(world: FakeWorld, ask: GraphQL, token: Token) -> None:
    world.add_user(5)
    body = ask("{ me { id username } }", token=token(5))
    assert body == {"data": {"me": {"id": user_id(5), "username": "user5"}}}
    assert world.quotes.paths() == ["GET /users/5"]


def test_me_is_null_without_a_token_and_for_a_user_who_is_gone(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    assert ask("{ me { id } }") == {"data": {"me": None}}
    assert ask("{ me { id } }", token=token(5)) == {"data": {"me": None}}


def test_two_users_in_turn_each_act_as_themselves(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    tokens_sent = [token(user) for user in (1, 2, 1, 2)]
    for sent in tokens_sent:
        ask(
            'mutation { createQuote(input: {title: "T"}) { __typename } }',
            token=sent,
            headers={"X-User-Id": "99", "Cookie": "sessionid=x"},
        )
    posted = [call for call in world.quotes.calls if call.method == "POST"]
    assert [call.headers["authorization"] for call in posted] == [
        f"Bearer {sent}" for sent in tokens_sent
    ]
    assert len({call.connection for call in posted}) == 1, "one kept-alive connection serves both"
    assert not any("x-user-id" in call.headers or "cookie" in call.headers for call in posted)


LOG_IN = 'login(input: {username: "user1", password: "secret"}) { __typename }'
LIKE = 'likeQuote(input: {quoteId: "1"}) { __typename }'
LOGGED_IN = USER | {"token": "t.t.t", "expires_at": AT, "user": USER}
SIGN_UP = 'register(input: {username: "new", password: "secret"}) { __typename }'


@pytest.mark.parametrize("header", ["", " "])
def test_an_empty_header_is_no_token(world: FakeWorld, ask: GraphQL, header: str) -> None:
    response = ask.response("{ me { id } }", headers={"Authorization": header})
    assert (response.status_code, response.json()) == (200, {"data": {"me": None}})


@pytest.mark.parametrize("header", ["Bearer x.y.z", "Bearer", "Basic YTpi"])
@pytest.mark.parametrize(
    "query",
    [
        f"mutation {{ {LOG_IN} }}",
        f"mutation {{ {SIGN_UP} }}",
        f"mutation {{ {SIGN_UP} again: {LOG_IN} }}",
        f"mutation {{ ...F }} fragment F on Mutation {{ ... {{ {LOG_IN} }} }}",
    ],
)
def test_one_logs_in_and_registers_beside_a_token_that_does_not_hold(
    world: FakeWorld, ask: GraphQL, query: str, header: str
) -> None:
    world.quotes.answer = lambda call: Answer(201, LOGGED_IN)
    response = ask.response(query, headers={"Authorization": header})
    assert response.status_code == 200
    assert {each["__typename"] for each in response.json()["data"].values()} == {"LoginPayload"}
    assert world.quotes.calls
    assert not any("authorization" in call.headers for call in world.quotes.calls)


@pytest.mark.parametrize(
    "query",
    [
        f"mutation {{ {LOG_IN} {LIKE} }}",
        "mutation { __typename }",
        f"mutation {{ {LOG_IN} ...F }} fragment F on Mutation {{ {LIKE} }}",
        f"mutation {{ {LOG_IN} nothing }}",
        f"mutation A {{ {LOG_IN} }} mutation B {{ {LOG_IN} }}",
    ],
)
def test_whatever_else_is_asked_beside_a_login_needs_a_token_that_holds(
    world: FakeWorld, ask: GraphQL, query: str
) -> None:
    response = ask.response(query, headers={"Authorization": "Bearer x.y.z"})
    assert (response.status_code, codes(response.json())) == (401, ["UNAUTHENTICATED"])
    assert world.calls() == []


def test_a_batch_of_logins_alone_is_let_in_beside_a_stale_token(
    world: FakeWorld, client: Client, settings: Settings
) -> None:
    settings.GRAPHQL_MAX_BATCH = 2
    world.quotes.answer = lambda call: Answer(201, LOGGED_IN)
    login, read = {"query": f"mutation {{ {LOG_IN} }}"}, {"query": "{ me { id } }"}
    statuses = [
        client.post(
            "/graphql", batch, "application/json", headers={"Authorization": "Bearer x"}
        ).status_code
        for batch in ([login, login], [login, read])
    ]
    assert statuses == [200, 401]


@pytest.mark.parametrize("kind", ["expired", "issuer", "signature", "key", "malformed", "scheme"])
def test_a_bad_token_is_a_401_and_never_nobody(
    world: FakeWorld, ask: GraphQL, token: Token, kind: str
) -> None:
    world.add_quotes(1)
    bad = {
        "expired": lambda: token(1, exp=int(time.time()) - 5),
        "issuer": lambda: token(1, iss="elsewhere"),
        "signature": lambda: SigningKey().sign(header={"kid": world.key.jwk["kid"]}),
        "key": lambda: SigningKey().sign(),
        "malformed": lambda: "abc",
        "scheme": lambda: "",
    }[kind]()
    header = f"Bearer {bad}" if kind != "scheme" else "Basic YTpi"
    for query in (
        "{ quotes { nodes { id } } }",
        'mutation { likeQuote(input: {quoteId: "1"}) { __typename } }',
    ):
        response = ask.response(query, headers={"Authorization": header})
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == "Bearer"
        assert response["Content-Type"].startswith("application/json")
        assert "data" not in response.json()
        assert codes(response.json()) == ["UNAUTHENTICATED"]
    assert world.calls() == []


def test_with_no_keys_to_judge_a_token_only_the_fields_that_need_it_fail(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    sent = token(1)
    usual = world.quotes.answer
    world.quotes.answer = lambda call: Answer(500, {}) if "well-known" in call.path else usual(call)
    tokens.forget()
    body = ask('{ me { id } quote(id: "1") { id likedByMe } }', token=sent)
    assert body["data"] == {"me": None, "quote": {"id": quote_id(1), "likedByMe": None}}
    assert codes(body) == ["UPSTREAM_UNAVAILABLE", "UPSTREAM_UNAVAILABLE"]
    assert {error["extensions"]["service"] for error in body["errors"]} == {"quotes"}
