"""A request that asks too much is refused before anything is called."""

from typing import Any

import pytest
from django.test import Client
from graphql import GraphQLObjectType, get_introspection_query
from pytest_django import Settings

from gateway.execution import documents
from gateway.execution.limits import LISTED, MAX_LISTED
from gateway.schema.root import schema
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, codes


def _aliased(count: int, field: str) -> str:
    return " ".join(f"a{i}: {field}" for i in range(count))


LIKE = 'likeQuote(input: {quoteId: "1"}) { __typename }'
NODE = "quotes { nodes { likedBy { nodes { id } } } }"
TOO_LARGE = {
    "a thousand aliases": f"{{ {_aliased(1000, '__typename')} }}",
    "a few too many aliases": f"{{ {_aliased(16, '__typename')} }}",
    "aliases below": f"{{ quotes {{ nodes {{ {_aliased(16, 'id')} }} }} }}",
    "aliases by one fragment spread often": "{ quotes { nodes { id } ...F ...F ...F }"
    " quotes { ...F } }"
    f" fragment F on QuoteConnection {{ nodes {{ {_aliased(5, 'id')} }} }}",
    "root fields": f"{{ {'__typename ' * 11} }}",
    "root fields in fragments": f"{{ ...F ...F }} fragment F on Query {{ {'__typename ' * 6} }}",
    "a hundred aliased likes": f"mutation {{ {_aliased(100, LIKE)} }}",
    "five likes": f"mutation {{ {_aliased(5, LIKE)} }}",
    "five likes in fragments": "mutation { ...F ...G }"
    f" fragment F on Mutation {{ {_aliased(3, LIKE)} }}"
    f" fragment G on Mutation {{ x: {LIKE} y: {LIKE} }}",
    "a field repeated hundreds of times": "{ quotes { nodes { "
    f"{'createdBy { id } ' * 400} }} }} }}",
    "a field with arguments repeated": "{ quotes { nodes { "
    f"{'likedBy(first: 1) { nodes { id } } ' * 150} }} }} }}",
    "fields repeated by many fragments": "{ quotes { nodes { "
    + " ".join(f"...F{i}" for i in range(150))
    + " } } } "
    + " ".join(f"fragment F{i} on Quote {{ createdBy {{ id }} id }}" for i in range(150)),
    "tokens": f"{{ quotes {{ nodes {{ {'id ' * 3_000} }} }} }}",
}


@pytest.mark.parametrize("kind", TOO_LARGE)
def test_a_request_over_a_limit_is_a_400_and_nothing_is_called(
    world: FakeWorld, ask: GraphQL, kind: str
) -> None:
    for accept in ("application/json", "application/graphql-response+json"):
        response = ask.response(TOO_LARGE[kind], headers={"Accept": accept})
        assert response.status_code == 400
        assert "data" not in response.json()
        assert "LIMIT_EXCEEDED" in codes(response.json())
    assert world.calls() == []


def test_what_is_too_large_is_told_alone(ask: GraphQL) -> None:
    """Nothing else is looked for: a large document takes long to validate."""
    unknown = " ".join(f"a{number}: nothing" for number in range(500))
    assert codes(ask(f"{{ {unknown} }}")) == ["LIMIT_EXCEEDED"] * 2  # aliases and root fields


def _deep(depth: int) -> str:
    return "{ a" * depth + " }" * depth


def _deep_by_fragments(depth: int) -> str:
    fragments = " ".join(f"fragment F{i} on Quote {{ x {{ ...F{i + 1} }} }}" for i in range(depth))
    return f'{{ quote(id: "1") {{ ...F0 }} }} {fragments} fragment F{depth} on Quote {{ id }}'


@pytest.mark.parametrize(
    "query",
    [
        _deep(11),
        _deep(50),
        _deep(400),
        _deep_by_fragments(10),
        _deep_by_fragments(150),
        "{ __typename " + _deep(11)[1:],  # which makes it no introspection
    ],
    ids=["11", "50", "400", "fragments", "many fragments", "no introspection"],
)
def test_a_deep_request_is_refused(world: FakeWorld, ask: GraphQL, query: str) -> None:
    response = ask.response(query, headers={"Accept": "application/graphql-response+json"})
    assert response.status_code == 400
    assert codes(response.json()) == ["LIMIT_EXCEEDED"]
    assert world.calls() == []


def test_fragments_that_go_round_in_a_circle_are_refused(ask: GraphQL) -> None:
    body = ask(
        "{ quotes { nodes { ...A } } } fragment A on Quote { ...B } fragment B on Quote { ...A }"
    )
    assert codes(body)[0] == "GRAPHQL_VALIDATION_FAILED"


def test_fragments_that_double_at_each_level_are_measured_quickly(ask: GraphQL) -> None:
    fragments = " ".join(f"fragment F{i} on Quote {{ ...F{i + 1} ...F{i + 1} }}" for i in range(60))
    body = ask(
        f"{{ quotes {{ nodes {{ ...F0 }} }} }} {fragments} fragment F60 on Quote {{ a: id }}"
    )
    assert "LIMIT_EXCEEDED" in codes(body)


def test_four_mutations_are_allowed(world: FakeWorld, ask: GraphQL) -> None:
    body = ask(f"mutation {{ {_aliased(4, LIKE)} }}")
    assert set(body["data"]) == {"a0", "a1", "a2", "a3"}


def test_the_deepest_useful_query_is_allowed(world: FakeWorld, ask: GraphQL) -> None:
    body = ask(
        "{ quotes { edges { node { likedBy { edges { node { id username } }"
        " pageInfo { hasNextPage } } createdBy { id } } } } }"
    )
    assert "errors" not in body


AT_A_LIMIT = [
    ("GRAPHQL_MAX_TOKENS", 9, "{ quotes { nodes { id } } }"),
    ("GRAPHQL_MAX_DEPTH", 3, "{ quotes { nodes { id } } }"),
    ("GRAPHQL_MAX_ALIASES", 2, "{ a: __typename quotes { nodes { b: id } } }"),
    ("GRAPHQL_MAX_ROOT_FIELDS", 3, "{ __typename me { id } quotes { nodes { id } } }"),
    ("GRAPHQL_MAX_MUTATIONS", 2, f"mutation {{ {_aliased(2, LIKE)} }}"),
    ("GRAPHQL_MAX_COST", 20, "{ quotes { nodes { id } } }"),
]


@pytest.mark.parametrize(("name", "value", "query"), AT_A_LIMIT)
def test_each_limit_is_settable_and_refuses_what_is_one_over_it(
    settings: Settings, world: FakeWorld, ask: GraphQL, name: str, value: int, query: str
) -> None:
    setattr(settings, name, value)
    assert "data" in ask(query)
    documents.forget()
    setattr(settings, name, value - 1)
    assert codes(ask(query)) == ["LIMIT_EXCEEDED"]


def test_a_batch_of_operations_is_refused(client: Client, world: FakeWorld) -> None:
    batch = [{"query": f"mutation {{ {LIKE} }}"}] * 100
    response = client.post("/graphql", batch, "application/json")
    assert response.status_code == 400
    assert world.calls() == []


def test_introspection_cannot_go_round_in_circles(ask: GraphQL) -> None:
    circle = "fields { type { " * 4 + "name" + " } }" * 4
    body = ask(f"{{ __schema {{ types {{ {circle} }} }} }}")
    assert "data" not in body


def test_introspection_has_a_depth_of_its_own(ask: GraphQL) -> None:
    def of_types(depth: int) -> str:
        return f"{{ __schema {{ types {'{ ofType ' * depth}{{ name }}{' }' * depth} }} }}"

    assert "data" in ask(of_types(17))
    assert codes(ask(of_types(18))) == ["LIMIT_EXCEEDED"]


SCHEMA_ONCE = "__schema { types { fields { type { fields { name } } } } }"


@pytest.mark.parametrize(
    "query",
    [
        f"{{ {_aliased(5, SCHEMA_ONCE)} }}",
        "{ __schema { types { fields { type { "
        + _aliased(14, "fields { type { name } }")
        + " } } } } }",
        f"{{ {_aliased(9, '__schema { ...S }')} }}"
        " fragment S on __Schema { types { fields { type { fields { name } } } } }",
    ],
)
def test_what_introspection_lists_is_limited(ask: GraphQL, query: str) -> None:
    [error] = ask(query)["errors"]
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": MAX_LISTED}


@pytest.mark.parametrize("query", [f"{{ {SCHEMA_ONCE} }}", get_introspection_query()])
def test_the_schema_can_be_read_whole(ask: GraphQL, query: str) -> None:
    assert "errors" not in ask(query)


def test_introspection_has_no_longer_lists_than_are_reckoned_with() -> None:
    types = schema.graphql.type_map.values()
    objects = [each for each in types if isinstance(each, GraphQLObjectType)]
    fields = [field for each in objects for field in each.fields.values()]
    assert len(schema.graphql.type_map) <= LISTED["types"]
    assert len(fields) / len(objects) <= LISTED["fields"]
    assert sum(len(field.args) for field in fields) / len(fields) <= LISTED["args"]


def test_introspection_can_be_turned_off(settings: Settings, ask: GraphQL) -> None:
    settings.GRAPHQL_INTROSPECTION = False
    assert set(codes(ask("{ __schema { types { name } } }"))) == {"GRAPHQL_VALIDATION_FAILED"}
    assert ask("{ __typename }") == {"data": {"__typename": "Query"}}


NEARLY_RIGHT: list[tuple[str, dict[str, Any] | None]] = [
    ("{ quotez { nodes { id } } }", None),
    ("{ quotes(serch: 1) { nodes { id } } }", None),
    ("{ quotes(orderBy: NEWST) { nodes { id } } }", None),
    ("{ ... on Quot { id } }", None),
    ('mutation { createQuote(input: {titel: "T"}) { __typename } }', None),
    ("query($o: QuoteOrder) { quotes(orderBy: $o) { nodes { id } } }", {"o": "NEWST"}),
    (
        "mutation($i: CreateQuoteInput!) { createQuote(input: $i) { __typename } }",
        {"i": {"title": "T", "autor": "A"}},
    ),
]


@pytest.mark.parametrize(("query", "variables"), NEARLY_RIGHT)
def test_without_introspection_no_name_of_the_schema_is_suggested(
    settings: Settings, ask: GraphQL, query: str, variables: dict[str, Any] | None
) -> None:
    assert "Did you mean" in str(ask(query, variables)["errors"])
    settings.GRAPHQL_INTROSPECTION = False
    documents.forget()
    assert "Did you mean" not in str(ask(query, variables)["errors"])
