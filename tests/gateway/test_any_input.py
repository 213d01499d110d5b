"""Whatever is put in: no 5xx, no fault of ours, and only numbers reach a service's address."""

import json
import re
from collections.abc import Callable
from typing import Any

from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.any_text import TEXTS, VALUES, any_input
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import codes

QUERY = """
query($id: ID!, $first: Int, $last: Int, $after: String, $before: String, $search: String) {
  quote(id: $id) { id likedBy(first: $first, after: $after) { nodes { id } } }
  quotes(first: $first, last: $last, after: $after, before: $before, search: $search) {
    nodes { id likedByMe createdBy { id } }
  }
}
"""
MUTATION = """
mutation($a: ID!, $b: String!, $c: String, $d: String) {
  createQuote(input: {title: $b, author: $c, idempotencyKey: $d}) { __typename }
  updateQuote(input: {id: $a, title: $b, author: $c}) { __typename }
  likeQuote(input: {quoteId: $a}) { __typename }
  register(input: {username: $b, password: $b, email: $c}) { __typename }
}
"""
PATHS = re.compile(r"/(quotes|users|likes|tokens|\.well-known/jwks\.json)(/[1-9][0-9]*(/like)?)?")


def _send(client: Client, world: FakeWorld, body: Any, token: str | None = None) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    sent = body if isinstance(body, bytes) else json.dumps(body)
    response = client.generic("POST", "/graphql", sent, "application/json", headers=headers)
    assert response.status_code in {200, 400, 415}  # what looks like UTF-16 is called so
    assert "INTERNAL" not in codes(response.json())
    assert [call.path for call in world.calls_made() if not PATHS.fullmatch(call.path)] == []


@any_input
@given(
    id=TEXTS | st.integers(),
    page=st.fixed_dictionaries(
        {}, optional={"first": VALUES, "last": VALUES, "after": VALUES, "before": VALUES}
    ),
    search=VALUES,
)
def test_any_arguments_of_queries_are_answered(
    client: Client, world: FakeWorld, id: Any, page: dict[str, Any], search: Any
) -> None:
    variables = {"id": id, "search": search, **page}
    _send(client, world, {"query": QUERY, "variables": variables})


@any_input
@given(values=st.fixed_dictionaries({"a": TEXTS, "b": TEXTS, "c": TEXTS, "d": TEXTS}))
def test_any_input_of_mutations_is_answered(
    client: Client, world: FakeWorld, token: Callable[[int], str], values: dict[str, str]
) -> None:
    _send(client, world, {"query": MUTATION, "variables": values}, token(1))


@any_input
@given(query=TEXTS, variables=VALUES, name=VALUES)
def test_any_document_is_answered(
    client: Client, world: FakeWorld, query: str, variables: Any, name: Any
) -> None:
    _send(client, world, {"query": query, "variables": variables, "operationName": name})
    literal = json.dumps(query)
    _send(client, world, {"query": f"{{ quotes(search: {literal}) {{ nodes {{ id }} }} }}"})


@any_input
@given(body=st.binary(max_size=60))
def test_any_bytes_are_answered(client: Client, world: FakeWorld, body: bytes) -> None:
    _send(client, world, body or b" ")
