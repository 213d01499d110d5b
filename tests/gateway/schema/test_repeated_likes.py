"""A like whose connection breaks as it is sent, and one of whom nobody knows who they are."""

from collections.abc import Callable

import pytest

from identity import tokens
from tests.gateway.fake_service import Answer, Call, problem
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, codes, messages

Token = Callable[[int], str]
MUTATIONS = {
    "likeQuote": ("POST", problem(409, "already_liked")),
    "unlikeQuote": ("DELETE", problem(404, "not_liked")),
}


def _mutation(name: str) -> str:
    return (
        f'mutation {{ {name}(input: {{quoteId: "1"}}) {{ __typename'
        " ... on Quote { likedByMe }"
        " ... on OperationInfo { messages { field code } } } }"
    )


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("was_done", [False, True])
def test_a_like_whose_connection_broke_is_sent_again_and_its_own_effect_is_a_success(
    world: FakeWorld, ask: GraphQL, token: Token, name: str, was_done: bool
) -> None:
    world.add_quotes(1)
    method, own_effect = MUTATIONS[name]
    usual = world.likes.answer

    def hang_up_once(call: Call) -> Answer:
        if len([each for each in world.likes.calls if each.method == method]) == 1:
            return Answer(hang_up=True)
        return own_effect if was_done else usual(call)

    world.likes.answer = hang_up_once
    body = ask(_mutation(name), token=token(1))
    assert body["data"][name] == {
        "__typename": "Quote",
        "likedByMe": name == "likeQuote",
    }
    assert world.likes.paths() == [f"{method} /quotes/1/like"] * 2


def test_the_count_after_a_repetition_has_the_like_of_which_quotes_has_not_heard(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    events = [{"id": "e0", "likes": 1, "sequence": 7}]
    refused = problem(409, "already_liked", events=events)

    def hang_up_once(call: Call) -> Answer:
        return Answer(hang_up=True) if len(world.likes.calls) == 1 else refused

    world.likes.answer = hang_up_once
    query = _mutation("likeQuote").replace("likedByMe }", "likes }")
    assert ask(query, token=token(1))["data"]["likeQuote"]["likes"] == 1
    assert [call.params["after_events"] for call in world.quotes.calls if call.params] == ["e0:7"]


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_like_that_was_there_before_is_refused_without_a_repetition(
    world: FakeWorld, ask: GraphQL, token: Token, name: str
) -> None:
    world.add_quotes(1)
    world.likes.misbehave(MUTATIONS[name][1])
    body = ask(_mutation(name), token=token(1))
    assert [code for _, code in messages(body["data"][name])] == [
        "ALREADY_LIKED" if name == "likeQuote" else "NOT_LIKED"
    ]
    assert len(world.likes.paths()) == 1


def test_a_repetition_that_is_refused_for_another_reason_is_refused(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    world.likes.answer = lambda call: (
        Answer(hang_up=True) if len(world.likes.calls) == 1 else problem(404, "not_found")
    )
    body = ask(_mutation("likeQuote"), token=token(1))
    assert messages(body["data"]["likeQuote"]) == [(None, "NOT_FOUND")]


@pytest.mark.parametrize("name", MUTATIONS)
def test_while_the_gateway_has_no_keys_no_like_is_made(
    world: FakeWorld, ask: GraphQL, token: Token, name: str
) -> None:
    world.add_quotes(1)
    usual = world.quotes.answer
    world.quotes.answer = lambda call: Answer(503) if "well-known" in call.path else usual(call)
    tokens.forget()
    body = ask(_mutation(name), token=token(1))
    assert body["data"][name] is None
    assert codes(body) == ["UPSTREAM_UNAVAILABLE"]
    assert world.likes.paths() == []
