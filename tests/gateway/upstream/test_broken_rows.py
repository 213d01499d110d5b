"""A row that is not as it must be costs itself alone."""

from typing import Any

import pytest

from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, codes, quote_id, user_id

PAGE = "{ quotes { nodes { id likes createdBy { id } } edges { node { id } } } }"
BROKEN = {"title": None, "likes": 2.5, "created_at": "yesterday", "id": "7", "updated_at": 5}


@pytest.mark.parametrize("member", BROKEN)
def test_a_quote_that_breaks_its_shape_is_left_out_of_its_page_and_logged(
    world: FakeWorld, ask: GraphQL, caplog: pytest.LogCaptureFixture, member: str
) -> None:
    world.add_user(1)
    world.add_quotes(3, created_by=1)
    world.rows[2] |= {member: BROKEN[member]}
    body = ask(PAGE)
    assert "errors" not in body
    assert [quote["id"] for quote in body["data"]["quotes"]["nodes"]] == [quote_id(3), quote_id(1)]
    assert [edge["node"]["id"] for edge in body["data"]["quotes"]["edges"]] == [
        quote_id(3),
        quote_id(1),
    ]
    assert "upstream_rows_left_out" in caplog.text


def test_a_page_of_nothing_but_broken_quotes_is_a_fault_of_the_service(
    world: FakeWorld, ask: GraphQL
) -> None:
    world.add_quotes(2)
    for row in world.rows.values():
        row["title"] = None
    body = ask(PAGE)
    assert (body["data"], codes(body)) == ({"quotes": None}, ["UPSTREAM_UNAVAILABLE"])


def test_a_user_who_breaks_their_shape_is_null_and_others_are_shown(
    world: FakeWorld, ask: GraphQL
) -> None:
    for user in (1, 2):
        world.add_user(user)
        world.add_quotes(1, created_by=user)
    world.users[1]["username"] = None
    nodes: list[dict[str, Any]] = ask(PAGE)["data"]["quotes"]["nodes"]
    assert [node["createdBy"] for node in nodes] == [{"id": user_id(2)}, None]


@pytest.mark.parametrize("likes", [2**31 - 1, 2**31, 2**63])
def test_a_count_beyond_an_int_is_told_as_the_largest_int(
    world: FakeWorld, ask: GraphQL, likes: int
) -> None:
    world.add_quotes(2)
    world.rows[1]["likes"] = likes
    nodes = ask(PAGE)["data"]["quotes"]["nodes"]
    assert [node["likes"] for node in nodes] == [0, 2**31 - 1]
    assert ask('{ quote(id: "1") { likes } }') == {"data": {"quote": {"likes": 2**31 - 1}}}
