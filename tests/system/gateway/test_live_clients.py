"""The clients of live subscriptions, in Node against the running product."""

from pathlib import Path

import pytest

from tests.system.gateway.nodes import run_node
from tests.system.stack import Stack


@pytest.mark.parametrize("client", ["graphql-sse", "graphql-ws", "apollo", "urql", "urql by fetch"])
def test_a_client_gets_the_snapshot_then_changes_and_goes_on_with_its_cursor(
    product: Stack, node_packages: Path, client: str
) -> None:
    user = product.user()
    quote = user.create("Live")
    live = product.product.url("live", "/graphql")
    found = run_node(node_packages, "live.js", client, live, product.graphql, user.token, quote)
    assert found["changes"][0] == "SNAPSHOT"
    assert set(found["changes"][1:]) <= {"CREATED", "LIKES"}  # the first event may come late
    assert found["changes"][-1] == "LIKES"
