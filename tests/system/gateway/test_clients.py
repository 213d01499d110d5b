"""The clients and tools that frontend teams use, in Node against the running gateway."""

import uuid
from pathlib import Path

from tests.system.gateway.nodes import run_node
from tests.system.stack import Stack

SCHEMA = Path(__file__).parents[3] / "schema.graphql"


def test_apollo_client_pages_caches_and_updates_what_it_has_cached(
    product: Stack, node_packages: Path
) -> None:
    found = run_node(node_packages, "apollo.js", product.graphql, f"apollo-{uuid.uuid4().hex[:8]}")
    assert found == {"pages": 3, "quotes": 5}


def test_urql_reads_by_get_and_writes_by_post(product: Stack, node_packages: Path) -> None:
    found = run_node(node_packages, "urql.js", product.graphql, f"urql-{uuid.uuid4().hex[:8]}")
    assert found["quote"]


def test_relay_adds_to_its_lists_takes_from_them_and_keeps_two_types_apart(
    product: Stack, node_packages: Path
) -> None:
    name = f"relay-{uuid.uuid4().hex[:8]}"
    found = run_node(node_packages, "relay/relay.js", product.graphql, name, str(SCHEMA))
    assert found == {"likers": 2, "version": 2}


def test_codegen_makes_typescript_that_compiles_of_the_schema(node_packages: Path) -> None:
    found = run_node(node_packages, "codegen.js", str(SCHEMA))
    assert "export type ListQuery" in found["text"]
    assert "likedByMe: boolean | null" in found["text"].replace("?", "")
