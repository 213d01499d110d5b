"""Asking for anything by its id alone, and ids that carry their type."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.gateway.fake_service import Answer
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, codes, messages, quote_id, user_id

NODES = """query ($ids: [ID!]!) {
  nodes(ids: $ids) { __typename id ... on Quote { title likedByMe } ... on User { username } }
}"""
INFO = "... on OperationInfo { messages { field code } }"


def test_a_quote_and_a_user_of_one_number_are_two_things(world: FakeWorld, ask: GraphQL) -> None:
    world.add_user(1)
    world.add_quotes(1, created_by=1)
    body = ask("{ quotes { nodes { id createdBy { id } } } }")
    [quote] = body["data"]["quotes"]["nodes"]
    assert quote["id"] != quote["createdBy"]["id"]
    node = "query ($id: ID!) { node(id: $id) { __typename id } }"
    for type_name, id in (("Quote", quote["id"]), ("User", quote["createdBy"]["id"])):
        found = ask(node, {"id": id})["data"]["node"]
        assert found == {"__typename": type_name, "id": id}


def test_nodes_are_in_the_order_of_their_ids_and_each_type_is_one_call(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str]
) -> None:
    world.add_quotes(3)
    world.add_user(2)
    world.liked = [(3, 1)]
    ids = [quote_id(3), user_id(2), quote_id(9), quote_id(1), "2", "nothing", user_id(2)]
    body = ask(NODES, {"ids": ids}, token=token(1))
    user = {"__typename": "User", "id": user_id(2), "username": "user2"}
    assert body == {
        "data": {
            "nodes": [
                {"__typename": "Quote", "id": quote_id(3), "title": "Quote 3", "likedByMe": True},
                user,
                None,
                {"__typename": "Quote", "id": quote_id(1), "title": "Quote 1", "likedByMe": False},
                None,
                None,
                user,
            ]
        }
    }
    assert sorted(world.calls()) == ["GET /likes", "GET /quotes", "GET /users"]


def test_more_ids_than_a_page_holds_are_refused_and_nothing_is_asked(
    world: FakeWorld, ask: GraphQL
) -> None:
    body = ask(NODES, {"ids": [quote_id(each) for each in range(1, 102)]})
    assert (body["data"], codes(body)) == ({"nodes": None}, ["BAD_USER_INPUT"])
    assert world.calls() == []


def test_a_node_whose_service_is_down_is_null_with_an_error(world: FakeWorld, ask: GraphQL) -> None:
    world.quotes.misbehave(Answer(500))
    body = ask(NODES, {"ids": [quote_id(1)]})
    assert (body["data"], codes(body)) == ({"nodes": None}, ["UPSTREAM_UNAVAILABLE"])


def test_a_bare_number_is_understood_where_it_is_plain_of_what(
    world: FakeWorld, ask: GraphQL
) -> None:
    world.add_quotes(1)
    query = "query ($id: ID!) { quote(id: $id) { id } node(id: $id) { id } }"
    assert ask(query, {"id": "1"})["data"] == {"quote": {"id": quote_id(1)}, "node": None}
    assert ask(query, {"id": quote_id(1)})["data"]["quote"] == {"id": quote_id(1)}


def test_the_id_of_a_user_is_refused_where_a_quote_is_meant(world: FakeWorld, ask: GraphQL) -> None:
    body = ask("query ($id: ID!) { quote(id: $id) { id } }", {"id": user_id(1)})
    assert (body["data"], codes(body)) == ({"quote": None}, ["BAD_USER_INPUT"])
    assert body["errors"][0]["extensions"]["argument"] == "id"
    assert body["errors"][0]["message"] == "'id' is the id of a User, not of a Quote."
    assert world.calls() == []


@pytest.mark.parametrize(
    ("mutation", "field", "others"),
    [
        ("likeQuote", "quoteId", {}),
        ("unlikeQuote", "quoteId", {}),
        ("updateQuote", "id", {"title": "New"}),
        ("deleteQuote", "id", {}),
    ],
)
def test_mutations_take_both_forms_of_a_quotes_id_and_no_users(
    world: FakeWorld,
    ask: GraphQL,
    token: Callable[[int], str],
    mutation: str,
    field: str,
    others: dict[str, Any],
) -> None:
    type_ = f"{mutation.removesuffix('Quote').capitalize()}QuoteInput".replace("Unlike", "Like")
    document = (
        f"mutation ($input: {type_}!) {{ {mutation}(input: $input) {{ "
        f"... on Quote {{ id }} {INFO} }} }}"
    )
    for id in ("1", quote_id(1)):
        world.rows.clear()
        world.add_quotes(1)
        body = ask(document, {"input": {field: id, **others}}, token=token(1))
        assert body["data"][mutation] == {"id": quote_id(1)}
    world.quotes.calls.clear()
    body = ask(document, {"input": {field: user_id(1), **others}}, token=token(1))
    assert messages(body["data"][mutation]) == [(field, "INVALID")]
    assert world.quotes.calls == []
