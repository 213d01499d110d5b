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
def test_a_like_whose_connection_broke_is_sent_again_with_its_key(
    world: FakeWorld, ask: GraphQL, token: Token, name: str
) -> None:
    world.add_quotes(1)
    method, _ = MUTATIONS[name]
    usual = world.likes.answer

    def hang_up_once(call: Call) -> Answer:
        is_first = len([each for each in world.likes.calls if each.method == method]) == 1
        return Answer(hang_up=True) if is_first else usual(call)

    world.likes.answer = hang_up_once
    body = ask(_mutation(name), token=token(1))
    assert body["data"][name] == {
        "__typename": "Quote",
        "likedByMe": name == "likeQuote",
    }
    assert world.likes.paths() == [f"{method} /quotes/1/like"] * 2
    ask(_mutation(name), token=token(1))
    keys = [call.headers["idempotency-key"] for call in world.likes.calls if call.method == method]
    assert keys[0] == keys[1] != keys[2]


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


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_repetition_that_is_refused_is_refused(
    world: FakeWorld, ask: GraphQL, token: Token, name: str
) -> None:
    world.add_quotes(1)
    refused = MUTATIONS[name][1]
    world.likes.answer = lambda call: (
        Answer(hang_up=True) if len(world.likes.calls) == 1 else refused
    )
    body = ask(_mutation(name), token=token(1))
    assert [code for _, code in messages(body["data"][name])] == [
        "ALREADY_LIKED" if name == "likeQuote" else "NOT_LIKED"
    ]
    assert len(world.likes.paths()) == 2


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
