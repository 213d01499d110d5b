"""A service that is down or confused: its fields are null, and all else stands."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from tests.gateway.fake_service import Answer, FakeService, problem
from tests.gateway.fake_world import AT, FakeWorld
from tests.gateway.graphql import GraphQL, codes, quote_id
from tests.gateway.halves import assert_only_likes_is_missing, assert_only_quotes_is_missing

Token = Callable[..., str]
Page = Callable[[], dict[str, Any]]
PAGE_INFO = {"has_next": False, "has_previous": False}
ROW = {
    "id": 1,
    "title": "T",
    "likes": 0,
    "version": 1,
    "created_at": AT,
    "updated_at": AT,
    "cursor": "c",
}
MISBEHAVIOURS = {
    "500": Answer(500, {"detail": "SELECT secret FROM table"}),
    "503 problem": Answer(503, {"code": "upstream_unavailable", "detail": "x", "errors": []}),
    "html": Answer(200, raw=b"<html>hello</html>", content_type="text/html"),
    "html 404": Answer(404, raw=b"<html>nginx</html>", content_type="text/html"),
    "404 of another shape": Answer(404, {"message": "nginx"}),
    "404 of an unknown code": problem(404, "x", "nginx at 10.0.0.7"),
    "a code of another status": problem(418, "not_found", "nginx at 10.0.0.7"),
    "empty": Answer(200, raw=b""),
    "broken json": Answer(200, raw=b'{"items": ['),
    "not utf-8": Answer(200, raw=b'{"items": "\xff\xfe"}'),
    "a list": Answer(200, []),
    "null": Answer(200, None),
    "an object": Answer(200, {"hello": 1}),
    "items of text": Answer(200, {"items": ["x"], "page_info": {}, "more": []}),
    "items no list": Answer(200, {"items": {}, "page_info": [], "more": None}),
    "ill-typed": Answer(200, {"items": [{"id": "x", "quote_id": None, "user_id": True}]}),
    "a count below 0": Answer(200, {"items": [ROW | {"likes": -5}], "page_info": PAGE_INFO}),
    "an id of 0": Answer(200, {"items": [ROW | {"id": 0}], "page_info": PAGE_INFO}),
    "an id beyond 64 bits": Answer(200, {"items": [ROW | {"id": 2**63}], "page_info": PAGE_INFO}),
    "redirect": Answer(302, {}, headers={"Location": "http://127.0.0.1:9/"}),
    "hang-up": Answer(hang_up=True),
    "cut": Answer(200, {"items": []}, cut_after=3),
    "too large": Answer(200, {"items": [], "pad": "x" * 3_000}),
}


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> None:
    settings.UPSTREAM_MAX_BYTES = 2_500


@pytest.mark.parametrize("kind", MISBEHAVIOURS)
def test_a_confused_likes_nulls_its_own_fields(world: FakeWorld, page: Page, kind: str) -> None:
    world.likes.misbehave(MISBEHAVIOURS[kind])
    assert_only_likes_is_missing(page(), "UPSTREAM_UNAVAILABLE")


@pytest.mark.parametrize("kind", MISBEHAVIOURS)
def test_a_confused_quotes_nulls_its_own_fields(world: FakeWorld, page: Page, kind: str) -> None:
    world.quotes.misbehave(MISBEHAVIOURS[kind])
    body = page()
    if kind == "404 of another shape" or kind.startswith("html 404"):
        assert codes(body) == ["UPSTREAM_UNAVAILABLE"] * 2
    assert_only_quotes_is_missing(body, "UPSTREAM_UNAVAILABLE")
    assert "SELECT" not in str(body)
    assert "10.0.0.7" not in str(body)


@pytest.mark.parametrize(
    "refusal",
    [
        problem(400, "invalid_request"),
        problem(403, "permission_denied"),
        problem(404, "not_found"),
        problem(422, "validation_error", errors=[("quote", "too_many", "No.")]),
    ],
    ids=lambda refusal: refusal.document["code"],
)
def test_what_a_service_refuses_of_the_gateways_own_making_is_no_fault_of_the_caller(
    world: FakeWorld, page: Page, refusal: Answer
) -> None:
    world.likes.misbehave(refusal)
    assert_only_likes_is_missing(page(), "UPSTREAM_UNAVAILABLE")


def test_a_likes_that_fails_is_asked_once_for_all_rows(world: FakeWorld, page: Page) -> None:
    world.likes.misbehave(Answer(500, {}))
    world.likes.calls.clear()
    assert len(page()["data"]["quotes"]["nodes"]) == 3
    assert world.likes.paths() == ["GET /likes"] * 2  # whether the caller likes them, and who does


@pytest.mark.parametrize(("status", "code"), [(409, "x"), (418, "not_found")])
def test_a_mutation_tells_only_what_the_services_are_known_to_say(
    world: FakeWorld, ask: GraphQL, token: Token, status: int, code: str
) -> None:
    world.quotes.misbehave(problem(status, code, "nginx at 10.0.0.7"))
    body = ask('mutation { createQuote(input: {title: "T"}) { __typename } }', token=token(1))
    assert body["data"] == {"createQuote": None}
    assert codes(body) == ["UPSTREAM_UNAVAILABLE"]
    assert "10.0.0.7" not in str(body)


@pytest.mark.parametrize("name", ["quotes", "likes"])
def test_a_service_that_is_gone_is_unavailable(world: FakeWorld, page: Page, name: str) -> None:
    service: FakeService = getattr(world, name)
    service.stop()
    check = assert_only_quotes_is_missing if name == "quotes" else assert_only_likes_is_missing
    check(page(), "UPSTREAM_UNAVAILABLE")


def test_users_that_cannot_be_read_leave_all_else_whole(world: FakeWorld, page: Page) -> None:
    usual = world.quotes.answer
    world.quotes.answer = lambda call: Answer(500) if call.path == "/users" else usual(call)
    body = page()
    assert body["data"]["me"] == {"username": "user1"}
    assert body["data"]["quotes"]["nodes"] == [
        {"id": quote_id(3), "likedByMe": False, "likedBy": {"nodes": []}, "createdBy": None},
        {"id": quote_id(2), "likedByMe": True, "likedBy": None, "createdBy": None},
        {"id": quote_id(1), "likedByMe": False, "likedBy": {"nodes": []}, "createdBy": None},
    ]
    assert codes(body) == ["UPSTREAM_UNAVAILABLE"] * 4
    assert {(error["path"][3], error["extensions"]["service"]) for error in body["errors"]} == {
        ("likedBy", "quotes"),
        ("createdBy", "quotes"),
    }


def test_a_redirect_is_not_followed(world: FakeWorld, page: Page) -> None:
    world.quotes.calls.clear()
    world.likes.misbehave(Answer(307, {}, headers={"Location": f"{world.quotes.url}/secret"}))
    page()
    assert "GET /secret" not in world.quotes.paths()


def test_a_kept_connection_that_the_service_has_closed_is_replaced(
    world: FakeWorld, page: Page
) -> None:
    usual = world.quotes.answer
    world.quotes.answer = lambda call: _closing(usual(call))
    for _ in range(5):
        assert "errors" not in page()


def _closing(answer: Answer) -> Answer:
    answer.headers = answer.headers | {"Connection": "close"}
    return answer


@pytest.mark.parametrize(
    ("name", "mutation"),
    [
        ("quotes", 'createQuote(input: {title: "T"})'),
        ("likes", 'likeQuote(input: {quoteId: "1"})'),
        ("quotes", 'likeQuote(input: {quoteId: "1"})'),
    ],
)
def test_a_mutation_whose_service_is_down_is_null_and_others_in_the_request_stand(
    world: FakeWorld, ask: GraphQL, token: Token, name: str, mutation: str
) -> None:
    world.add_quotes(2)
    sent = token(1)
    ask("{ __typename }", token=sent)
    getattr(world, name).misbehave(Answer(500, {}))
    body = ask(
        f"mutation {{ a: {mutation} {{ __typename }}"
        ' b: updateQuote(input: {id: "0"}) { __typename } }',
        token=sent,
    )
    assert body["data"] == {"a": None, "b": {"__typename": "OperationInfo"}}
    assert codes(body) == ["UPSTREAM_UNAVAILABLE"]
    assert body["errors"][0]["path"] == ["a"]


def test_a_like_whose_quote_cannot_be_read_is_unavailable_although_it_was_given(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    sent = token(1)
    ask("{ __typename }", token=sent)
    world.quotes.misbehave(Answer(500, {}))
    body = ask('mutation { likeQuote(input: {quoteId: "1"}) { __typename } }', token=sent)
    assert (body["data"], codes(body)) == ({"likeQuote": None}, ["UPSTREAM_UNAVAILABLE"])
    assert world.likes.paths() == ["POST /quotes/1/like"]


def test_a_token_that_a_service_takes_no_more_costs_the_fields_that_it_serves(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    world.likes.misbehave(problem(401, "invalid_token"))
    response = ask.response('{ quote(id: "1") { id likedByMe } }', token=token(1))
    assert response.status_code == 200
    assert response.json()["data"] == {"quote": {"id": quote_id(1), "likedByMe": None}}
    assert codes(response.json()) == ["UNAUTHENTICATED"]


def test_a_write_that_broke_off_is_not_sent_twice(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.quotes.misbehave(Answer(200, {"id": 1}, cut_after=1))
    ask('mutation { createQuote(input: {title: "T"}) { __typename } }', token=token(1))
    assert world.quotes.paths() == ["POST /quotes"]


@pytest.mark.parametrize(
    ("request_", "times"),
    [
        ('{ quote(id: "1") { id } }', 2),
        ('mutation { createQuote(input: {title: "T", idempotencyKey: "k"}) { __typename } }', 2),
        ('mutation { createQuote(input: {title: "T"}) { __typename } }', 1),
        ('mutation { deleteQuote(input: {id: "1"}) { __typename } }', 1),
    ],
)
def test_only_what_is_safe_to_repeat_is_sent_again_after_a_hang_up(
    world: FakeWorld, ask: GraphQL, token: Token, request_: str, times: int
) -> None:
    world.quotes.misbehave(Answer(hang_up=True))
    assert codes(ask(request_, token=token(1))) == ["UPSTREAM_UNAVAILABLE"]
    assert len(world.quotes.paths()) == times


def test_the_callers_trace_goes_on_to_both_services(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    ask(
        'mutation { likeQuote(input: {quoteId: "1"}) { __typename } }',
        token=token(1),
        headers={"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"},
    )
    calls = [c for s in (world.quotes, world.likes) for c in s.calls if "quotes/1" in c.path]
    assert [call.headers["traceparent"].split("-")[1] for call in calls] == [trace_id] * 2


def test_a_fault_of_ours_is_masked_and_logged_under_an_id(
    world: FakeWorld,
    ask: GraphQL,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    world.add_quotes(1)

    def fail(*args: object) -> None:
        raise RuntimeError("secret of our insides")

    monkeypatch.setattr("gateway.schema.quotes.users", fail)
    body = ask('{ quote(id: "1") { id } me { id } }')
    assert body["data"] == {"quote": None, "me": None}
    [error] = body["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "secret" not in str(body)
    assert error["extensions"]["id"] in caplog.text
    assert "secret of our insides" in caplog.text
