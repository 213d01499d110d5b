"""Lists with filters, lists of users, and how many rows they have: one call for each level."""

from typing import Any

import pytest

from gateway.schema.ids import global_id
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, codes
from tests.gateway.ways import compiled


def user(number: int) -> str:
    return global_id("User", number)


@pytest.fixture
def people(world: FakeWorld) -> FakeWorld:
    """Two users who wrote two quotes each; the first one's are liked by both."""
    for number in (1, 2):
        world.add_user(number)
        world.add_quotes(2, created_by=number)
    world.liked = [(1, 1), (2, 2), (1, 2), (2, 1)]
    return world


def test_a_user_is_found_by_id_and_by_name(people: FakeWorld, ask: GraphQL) -> None:
    query = "query ($id: ID, $name: String) { user(id: $id, username: $name) { username } }"
    assert ask(query, {"id": user(2)})["data"] == {"user": {"username": "user2"}}
    assert ask(query, {"id": "2"})["data"] == {"user": {"username": "user2"}}
    assert ask(query, {"name": "user1"})["data"] == {"user": {"username": "user1"}}
    for nobody in ({"id": user(9)}, {"id": "no id"}, {"name": "nobody"}, {"name": "x" * 151}):
        assert ask(query, nobody) == {"data": {"user": None}}
    for wrong in ({}, {"id": user(1), "name": "user1"}, {"id": global_id("Quote", 1)}):
        assert codes(ask(query, wrong)) == ["BAD_USER_INPUT"]


def test_what_users_wrote_and_like_takes_a_call_a_level(people: FakeWorld, ask: GraphQL) -> None:
    found = ask(
        "{ quote(id: 1) { likedBy(first: 2) { nodes { username quotes(first: 1) { nodes { title }"
        " pageInfo { hasNextPage } totalCount } likedQuotes(last: 1) { nodes { title }"
        " pageInfo { hasPreviousPage } totalCount } } } } }"
    )
    assert [node["username"] for node in found["data"]["quote"]["likedBy"]["nodes"]] == [
        "user2", "user1",
    ]  # fmt: skip
    first = found["data"]["quote"]["likedBy"]["nodes"][0]
    assert first["quotes"] == {
        "nodes": [{"title": "Quote 4"}],
        "pageInfo": {"hasNextPage": True},
        "totalCount": 2,
    }
    assert first["likedQuotes"] == {
        "nodes": [{"title": "Quote 2"}],
        "pageInfo": {"hasPreviousPage": True},
        "totalCount": 2,
    }
    assert sorted(people.calls()) == [
        "GET /likes", "GET /likes", "GET /likes/totals", "GET /quotes", "GET /quotes",
        "GET /quotes/1", "GET /quotes/totals", "GET /users",
    ]  # fmt: skip


def test_likers_are_paged_backwards(people: FakeWorld, ask: GraphQL) -> None:
    page = "nodes { username } pageInfo { hasNextPage hasPreviousPage startCursor }"
    query = (
        f"query ($before: String) {{ quote(id: 1) {{ likedBy(last: 1, before: $before) {{ {page}"
    )
    query += " totalCount } } }"
    last = ask(query)["data"]["quote"]["likedBy"]
    assert last["nodes"] == [{"username": "user1"}]
    assert last["pageInfo"]["hasPreviousPage"] is True
    assert last["pageInfo"]["hasNextPage"] is False
    assert last["totalCount"] == 2
    rest = ask(query, {"before": last["pageInfo"]["startCursor"]})["data"]["quote"]["likedBy"]
    assert rest["nodes"] == [{"username": "user2"}]
    assert rest["pageInfo"]["hasPreviousPage"] is False
    assert rest["pageInfo"]["hasNextPage"] is True


FILTERED = (
    "query ($filter: QuoteFilter, $order: QuoteOrder, $search: String) {"
    " quotes(first: 1, filter: $filter, orderBy: $order, search: $search)"
    " { nodes { title } totalCount } }"
)


def test_filters_are_passed_on(people: FakeWorld, ask: GraphQL) -> None:
    filter = {
        "author": "Camus",
        "createdBy": user(1),
        "createdAfter": "2026-11-27T07:00:00+01:00",
        "createdBefore": "2026-11-28T00:00:00Z",
    }
    ask(FILTERED, {"filter": filter, "order": "MOST_LIKED", "search": "fear"})
    asked, counted = [call.params for call in people.quotes.calls]
    assert asked == {**counted, "limit": "1", "order": "most_liked"}
    assert counted == {
        "search": "fear",
        "author": "Camus",
        "created_by": "1",
        "created_after": "2026-11-27T06:00:00+00:00",
        "created_before": "2026-11-28T00:00:00+00:00",
    }


def test_what_a_user_likes_is_in_the_order_of_the_likes(people: FakeWorld, ask: GraphQL) -> None:
    found = ask(FILTERED, {"filter": {"likedBy": user(2)}})["data"]["quotes"]
    assert found == {"nodes": [{"title": "Quote 1"}], "totalCount": 2}
    nobody = ask(FILTERED, {"filter": {"likedBy": "no id"}})["data"]["quotes"]
    assert nobody == {"nodes": [], "totalCount": 0}


@pytest.mark.parametrize(
    "variables",
    [
        {"filter": {"likedBy": user(1), "author": "Camus"}},
        {"filter": {"likedBy": user(1), "createdBefore": "2026-11-28T00:00:00Z"}},
        {"filter": {"likedBy": user(1)}, "order": "OLDEST"},
        {"filter": {"likedBy": user(1)}, "search": "fear"},
        {"filter": {"likedBy": global_id("Quote", 1)}},
        {"filter": {"createdBy": global_id("Quote", 1)}},
        {"filter": {"createdAfter": "2026-11-28T00:00:00Z"}, "order": "MOST_LIKED"},
        {"filter": {"createdAfter": "2026-11-28"}},
        {"filter": {"author": " "}},
        {"filter": {"author": "x" * 101}},
        {"filter": {"author": "a\0"}},
    ],
)
def test_what_cannot_be_filtered_so_is_refused(
    people: FakeWorld, ask: GraphQL, variables: dict[str, Any]
) -> None:
    assert codes(ask(FILTERED, variables)) == ["BAD_USER_INPUT"]
    assert people.calls() == []


def test_a_total_that_is_not_asked_for_is_not_counted(people: FakeWorld, ask: GraphQL) -> None:
    ask("{ quotes { nodes { id } } }")
    assert people.calls() == ["GET /quotes"]


@compiled
def test_a_page_of_the_list_is_planned_with_a_filter_in_the_schema(
    people: FakeWorld, ask: GraphQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a document that gives an input object goes graphql-core's way."""
    from gateway.execution.compiled import plans, resolvers

    planned: list[str] = []

    def noted(field: Any, definition: Any, given: Any) -> Any:
        call = resolvers.planned_call(field, definition, given)
        planned.extend([field.python_name] if call else [])
        return call

    monkeypatch.setattr(plans, "planned_call", noted)
    ask("{ quotes(first: 1) { nodes { title } } }")
    assert planned == ["quotes"]
