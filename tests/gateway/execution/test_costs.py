"""A request whose pages multiply is refused before anything is called."""

import pytest
from graphql import build_schema
from pytest_django import Settings

from gateway.execution.costs import connections_of, cost
from gateway.execution.documents import prepare
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, codes

LIKED_BY = "likedBy(first: 100) { nodes { id } }"
COSTS = {
    "{ me { id } }": 0,
    "{ quotes { nodes { id } } }": 20,
    "{ quotes(first: 7) { nodes { id } } }": 7,
    "{ quotes(last: 9) { nodes { id } } }": 9,
    "{ quotes(first: 100) { nodes { likedBy(first: 3) { nodes { id } } } } }": 100 + 300,
    f'{{ quote(id: "1") {{ {LIKED_BY} }} }}': 100,
    f"{{ a: quotes(first: 2) {{ nodes {{ {LIKED_BY} }} }} b: quotes {{ nodes {{ id }} }} }}": 222,
    f"{{ quotes(first: 2) {{ ...F ...F }} }} fragment F on QuoteConnection"
    f" {{ nodes {{ {LIKED_BY} }} }}": 2 + 200 + 200,
    f"{{ quotes(first: 2) {{ ... on QuoteConnection {{ nodes {{ {LIKED_BY} }} }} }} }}": 202,
    f'{{ nodes(ids: ["1", "2", "3"]) {{ ... on Quote {{ {LIKED_BY} }} }} }}': 303,
    f'{{ nodes(ids: "1") {{ ... on Quote {{ {LIKED_BY} }} }} }}': 101,
    "{ quotes(first: 100000) { nodes { id } } }": 100,  # which the field then refuses
}


def _cost(query: str, operation_name: str | None = None) -> int:
    return cost(prepare(query, operation_name).pages, {})


@pytest.mark.parametrize("query", COSTS)
def test_the_cost_is_what_may_be_fetched(query: str) -> None:
    assert _cost(query) == COSTS[query]


def test_every_field_that_gives_a_connection_costs() -> None:
    schema = build_schema(
        "type Query { words(first: Int): WordConnection! word: Word }"
        " type Word { uses(first: Int): UseConnection text: String }"
        " type WordConnection { nodes: [Word!]! } type UseConnection { nodes: [Word!]! }"
    )
    assert connections_of(schema) == {"words", "uses"}


@pytest.mark.parametrize(
    ("size", "expected"), [(5, 5), (100, 100), (0, 1), (-1, 1), (None, 20), ("x", 20)]
)
def test_a_page_size_may_be_a_variable(size: object, expected: int) -> None:
    query = "query Q($n: Int) { quotes(first: $n) { nodes { id } } }"
    assert cost(prepare(query, "Q").pages, {"n": size}) == expected


def test_a_list_of_ids_may_be_a_variable() -> None:
    query = f"query Q($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Quote {{ {LIKED_BY} }} }} }}"
    assert cost(prepare(query, "Q").pages, {"ids": ["1", "2"]}) == 202


def test_a_null_first_written_out_is_no_way_round_either() -> None:
    assert _cost("{ quotes(first: null, last: 100) { nodes { id } } }") == 100


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("first: $n, last: 100", 100),
        ("first: 100, last: $n", 100),
        ("first: $n, last: $n", 20),
    ],
)
def test_a_null_first_beside_last_is_no_way_round(page: str, expected: int) -> None:
    query = f"query Q($n: Int) {{ quotes({page}) {{ nodes {{ id }} }} }}"
    assert cost(prepare(query, "Q").pages, {"n": None}) == expected


def test_a_page_size_may_be_the_default_of_a_variable(ask: GraphQL, settings: Settings) -> None:
    settings.GRAPHQL_MAX_COST = 50
    body = ask("query Q($n: Int = 100) { quotes(first: $n) { nodes { id } } }")
    assert codes(body) == ["LIMIT_EXCEEDED"]
    assert body["errors"][0]["extensions"]["cost"] == 100


def _doubling(levels: int, leaf: str) -> str:
    """Answer a query of fragments that each spread the next one twice."""
    fragments = " ".join(
        f"fragment F{i} on Quote {{ ...F{i + 1} ...F{i + 1} }}" for i in range(levels)
    )
    return f'{{ quote(id: "0") {{ ...F0 }} }} {fragments} fragment F{levels} on Quote {{ {leaf} }}'


def test_fragments_that_double_at_each_level_are_counted_and_not_followed(
    world: FakeWorld, ask: GraphQL
) -> None:
    # Followed one by one, the spreads of the sixtieth level would take longer than anyone lives.
    assert ask(_doubling(60, "id")) == {"data": {"quote": None}}
    assert _cost(_doubling(60, LIKED_BY)) == 2**60 * 100
    body = ask(_doubling(60, LIKED_BY))
    assert codes(body) == ["LIMIT_EXCEEDED"]
    assert world.calls() == []


def test_only_the_operation_that_is_named_counts() -> None:
    query = "query A { quotes(first: 3) { nodes { id } } } query B { me { id } }"
    assert (_cost(query, "A"), _cost(query, "B")) == (3, 0)


def test_a_hundred_quotes_with_a_hundred_likers_each_are_refused_with_cost_and_limit(
    world: FakeWorld, ask: GraphQL
) -> None:
    response = ask.response(f"{{ quotes(first: 100) {{ nodes {{ {LIKED_BY} }} }} }}")
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "cost": 10_100, "limit": 2_000}
    assert "10100" in error["message"]
    assert world.calls() == []


def test_variables_are_no_way_round_it(world: FakeWorld, ask: GraphQL) -> None:
    query = (
        "query ($n: Int) { quotes(first: $n) { nodes { likedBy(first: $n) { nodes { id } } } } }"
    )
    assert codes(ask(query, {"n": 100})) == ["LIMIT_EXCEEDED"]
    assert world.calls() == []


def test_the_limit_is_settable(world: FakeWorld, ask: GraphQL, settings: Settings) -> None:
    settings.GRAPHQL_MAX_COST = 19
    assert codes(ask("{ quotes { nodes { id } } }")) == ["LIMIT_EXCEEDED"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ quotes(first: 10) { totalCount } }", 10 + 50),
        ("{ quotes(first: 10) { nodes { id } ...Counted } } fragment Counted on QuoteConnection"
         " { totalCount all: totalCount }", 10 + 2 * 50),
        ("{ quotes(first: 3) { nodes { likedBy(first: 2) { totalCount nodes { id"
         " quotes(last: 5) { totalCount } } } } } }", 3 + 3 * (50 + 2 + 2 * (50 + 5))),
    ],
)  # fmt: skip
def test_a_total_costs_the_same_whatever_its_page_holds(query: str, expected: int) -> None:
    assert _cost(query) == expected
