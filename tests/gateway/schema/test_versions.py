"""Edits of what the caller has seen, and who may make them."""

from collections.abc import Callable

import pytest

from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, quote_id

ANSWER = (
    "... on Quote { version } ... on OperationInfo {"
    " messages { kind code message } current { id ... on Quote { title version } } }"
)
UPDATE = f"mutation ($input: UpdateQuoteInput!) {{ it: updateQuote(input: $input) {{ {ANSWER} }} }}"
DELETE = f"mutation ($input: DeleteQuoteInput!) {{ it: deleteQuote(input: $input) {{ {ANSWER} }} }}"


@pytest.mark.parametrize(
    ("mutation", "changes"), [(UPDATE, {"title": "Mine"}), (DELETE, {})], ids=["update", "delete"]
)
@pytest.mark.parametrize("expected", [1, 3, 0, -1])
def test_a_quote_of_another_version_is_left_alone_and_told_as_it_is(
    world: FakeWorld,
    ask: GraphQL,
    token: Callable[[int], str],
    mutation: str,
    changes: dict[str, str],
    expected: int,
) -> None:
    world.add_quotes(1)
    world.rows[1]["version"] = 2
    given = {"id": quote_id(1), "expectedVersion": expected, **changes}
    body = ask(mutation, {"input": given}, token=token(1))
    assert body["data"]["it"] == {
        "messages": [{"kind": "ERROR", "code": "CONFLICT", "message": "No."}],
        "current": {"id": quote_id(1), "title": "Quote 1", "version": 2},
    }
    assert world.rows[1]["title"] == "Quote 1"


@pytest.mark.parametrize("expected", [{"expectedVersion": 2}, {"expectedVersion": None}, {}])
def test_a_quote_that_is_as_expected_is_changed(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str], expected: dict[str, int]
) -> None:
    world.add_quotes(1)
    world.rows[1]["version"] = 2
    given = {"id": quote_id(1), "title": "Mine", **expected}
    body = ask(UPDATE, {"input": given}, token=token(1))
    assert body["data"]["it"] == {"version": 2}
    assert world.rows[1]["title"] == "Mine"


def test_its_writer_and_staff_may_change_a_quote_and_nobody_else(
    world: FakeWorld, ask: GraphQL, token: Callable[..., str]
) -> None:
    world.add_quotes(1, created_by=1)
    query = "{ quotes { nodes { viewerCanUpdate viewerCanDelete } } }"
    callers = {"writer": token(1), "other": token(2), "staff": token(2, staff=True), "nobody": None}
    for name, sent in callers.items():
        [quote] = ask(query, token=sent)["data"]["quotes"]["nodes"]
        may = name in {"writer", "staff"}
        assert quote == {"viewerCanUpdate": may, "viewerCanDelete": may}, name
