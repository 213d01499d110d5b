"""What other subgraphs refer to, read together; where each stands is its own."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from gateway.context import RequestContext
from gateway.errors import BadUserInput, UpstreamUnavailable
from gateway.execution.costs import cost, pages_of
from gateway.schema.entities import entities
from gateway.schema.ids import global_id
from gateway.schema.quotes import Quote
from tests.gateway.fake_world import FakeWorld


def of(type_name: str, number: int) -> dict[str, str]:
    return {"__typename": type_name, "id": global_id(type_name, number)}


def test_a_hundred_entities_are_one_call(world: FakeWorld) -> None:
    world.add_quotes(99)
    found = entities(RequestContext(), [of("Quote", number) for number in range(1, 101)])
    assert [each and each.number for each in found] == [*range(1, 100), None]
    assert world.calls() == ["GET /quotes"]


def test_users_and_quotes_are_told_apart(world: FakeWorld) -> None:
    world.add_user(1)
    world.add_quotes(1)
    quote, user = entities(RequestContext(), [of("Quote", 1), of("User", 1)])
    assert isinstance(quote, Quote)
    assert user.username == "user1"


@pytest.mark.parametrize(
    "wrong",
    [
        None, 1, "Quote", [], {}, {"__typename": "Quote"}, {"id": "1"},
        {"__typename": "Mutation", "id": "1"}, {"__typename": ["Quote"], "id": "1"},
        {"__typename": "Quote", "id": 1}, {"__typename": "Quote", "id": global_id("User", 1)},
    ],
)  # fmt: skip
def test_what_is_wrong_with_one_is_its_own(world: FakeWorld, wrong: Any) -> None:
    world.add_quotes(1)
    error, quote = entities(RequestContext(), [wrong, of("Quote", 1)])
    assert isinstance(error, BadUserInput)
    assert quote.number == 1


def test_a_service_that_is_down_fails_its_own_alone(world: FakeWorld) -> None:
    world.quotes.stop()
    found = entities(RequestContext(), [of("Quote", 1), {"__typename": "Quote", "id": "none"}])
    assert isinstance(found[0], UpstreamUnavailable)
    assert found[1] is None


@pytest.mark.parametrize("number", [1, 100, 1900])
def test_entities_cost_what_they_are(number: int) -> None:
    document = parse(
        "query ($representations: [_Any!]!) { _entities(representations: $representations)"
        " { ... on Quote { likedBy(first: 2) { nodes { id } } } } }"
    )
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    variables = {"representations": [of("Quote", each + 1) for each in range(number)]}
    assert cost(pages_of(document, operation), variables) == number + 2 * number
