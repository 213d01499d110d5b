"""The gateway as a subgraph: composed by Apollo, and joined with another one by Hive Gateway."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from bench.kit.environments import PEERS
from bench.kit.processes import Program, shipped
from gateway.schema.ids import global_id
from tests.npm import installed
from tests.system.gateway.nodes import run_node
from tests.system.stack import Stack
from tools.ports import free_port

PICKS = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@shareable"])
type Query { picks: [Quote!]! }
type Quote @key(fields: "id", resolvable: false) { id: ID! }
"""


@pytest.fixture
def subgraph(product: Stack, tmp_path: Path) -> Iterator[str]:
    """Return the address of a gateway that is a subgraph, over the product's services."""
    port = free_port()
    environment = {**product.environment, "GATEWAY_PORT": str(port), "GRAPHQL_SUBGRAPH": "1"}
    gateway = Program("gateway", shipped("gateway"), environment, tmp_path / "gateway.log")
    gateway.wait_for_port(port)
    yield f"http://127.0.0.1:{port}/graphql"
    gateway.stop()


@pytest.fixture
def picks() -> Iterator[str]:
    """Return the address of another subgraph, which knows ids of quotes and nothing else."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            quotes = [{"__typename": "Quote", "id": global_id("Quote", n)} for n in range(1, 31)]
            body = json.dumps({"data": {"__typename": "Query", "picks": quotes}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/graphql"
    server.shutdown()
    server.server_close()


def test_hive_gateway_joins_the_gateway_with_another_subgraph(
    product: Stack, subgraph: str, node_packages: Path, picks: str, tmp_path: Path
) -> None:
    [user] = product.users(1)
    written = {user.create(f"Said number {number}") for number in range(3)}
    service = requests.post(subgraph, json={"query": "{ _service { sdl } }"}, timeout=30)
    (tmp_path / "gateway.graphql").write_text(service.json()["data"]["_service"]["sdl"])
    (tmp_path / "picks.graphql").write_text(PICKS)
    found = run_node(
        node_packages,
        "compose.js",
        *("gateway", subgraph, str(tmp_path / "gateway.graphql")),
        *("picks", picks, str(tmp_path / "picks.graphql")),
    )
    supergraph = tmp_path / "supergraph.graphql"
    supergraph.write_text(found["supergraph"])
    hive = PEERS / "hive"
    installed(hive)
    query = "{ picks { id said: likedBy(first: 1) { totalCount } } }"
    joined = run_node(hive, "federated.js", str(supergraph), query)
    assert "errors" not in joined, joined
    known = {pick["id"] for pick in joined["data"]["picks"] if pick["said"] is not None}
    assert written <= known
