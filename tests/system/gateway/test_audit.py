"""GraphQL over HTTP, judged by the audit suite of npm's graphql-http."""

from collections.abc import Callable
from pathlib import Path

from tests.system.gateway.nodes import run_node
from tests.system.stack import Stack

AUDITS = 61


def test_every_audit_of_graphql_over_http_passes(
    product: Stack, node_packages: Path, record_property: Callable[[str, object], None]
) -> None:
    results = run_node(node_packages, "audit.js", product.graphql)
    passed = [result for result in results if result["status"] == "ok"]
    record_property("audits passed", f"{len(passed)} of {len(results)}")
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS
