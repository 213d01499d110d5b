"""The clients of live subscriptions, in Node against the running product, and very many of them."""

import resource
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.system.gateway.nodes import run_node
from tests.system.stack import PATIENCE, Stack


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


def test_thousands_of_connections_leave_room_for_one_more_subscriber(product: Stack) -> None:
    live = product.product.url("live", "/graphql")
    address = urlsplit(live).hostname, urlsplit(live).port
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with ExitStack() as connections:
            for _ in range(1_500):  # more than a server's backlog, which is its bound by default
                connections.enter_context(socket.create_connection(address, timeout=PATIENCE))
            response = requests.post(
                live,
                json={"query": "subscription { quoteChanged { id } }"},
                headers={"Accept": "text/event-stream"},
                stream=True,
                timeout=PATIENCE,
            )
            with response:
                assert next(response.iter_lines()) == b":"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
