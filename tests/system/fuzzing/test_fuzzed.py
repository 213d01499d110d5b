"""Schemathesis against the running product, by its own GraphQL schema and OpenAPI documents.

`FUZZ_EXAMPLES` is how many random inputs each operation gets beside those that schemathesis
makes systematically, `FUZZ_SEED` where chance begins: see `make fuzz`.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.system.fuzzing.conftest import Rows
from tests.system.stack import Stack, running
from tools import pip

HERE = Path(__file__).parent
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "5")
NOBODY, USER, STAFF = "nobody", "a user", "staff"
CASES = [(target, NOBODY) for target in ("quotes", "likes", "gateway")]
CASES += [("quotes", USER), ("likes", STAFF), ("gateway", USER)]
IS_LONG = "FUZZ_EXAMPLES" in os.environ
if IS_LONG:
    CASES += [("quotes", STAFF), ("likes", USER), ("gateway", STAFF)]
SEED = os.environ.get("FUZZ_SEED", "1")
# No document can say which cursors, passwords and keys are good: data that fits may be refused.
UNCHECKED = {
    "REST": "positive_data_acceptance",
    # It knows no codes but Apollo's: see graphql_faults.py.
    "GraphQL": "positive_data_acceptance,not_a_server_error",
}
PAGES = {
    "quotes": ["/quotes?limit=100", "/users?limit=100"],
    "likes": ["/quotes?limit=100", "/likes?limit=100"],
}
QUOTES = """query ($after: String) { quotes(first: 100, after: $after) {
  pageInfo { hasNextPage endCursor }
  nodes { id title author likes createdAt updatedAt createdBy { id username } }
} }"""


@pytest.fixture(scope="module")
def product() -> Iterator[Stack]:
    """A product of its own: what is left in it is strange."""
    with running() as stack:
        yield stack


@pytest.fixture(scope="module")
def schemathesis() -> Path:
    """The command, in an environment of its own."""
    return pip.install(HERE).parent / "schemathesis"


@pytest.mark.parametrize(("target", "caller"), CASES)
def test_whatever_is_sent_is_answered_as_documented_and_read_back(
    product: Stack, schemathesis: Path, rows: Rows, tmp_path: Path, target: str, caller: str
) -> None:
    document, kind = f"{product.product.url(target, '/openapi.json')}", "REST"
    if target == "gateway":
        document, kind = product.graphql, "GraphQL"
    report = tmp_path / "report.har"
    command = [
        str(schemathesis), "run", document, f"--seed={SEED}", f"--max-examples={EXAMPLES}",
        f"--exclude-checks={UNCHECKED[kind]}", "--continue-on-failure", "--no-color",
        f"--report-har-path={report}",
    ]  # fmt: skip
    if caller == NOBODY and not IS_LONG:  # most of it is refused: some at random suffice
        command.append("--phases=fuzzing")
    if caller != NOBODY:
        token = product.users(1, staff=caller == STAFF)[0].token
        command.append(f"--header=Authorization: Bearer {token}")
    hooks = {"SCHEMATHESIS_HOOKS": "graphql_faults"} if kind == "GraphQL" else {}
    result = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), **hooks},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    statuses = [
        entry["response"]["status"] for entry in json.loads(report.read_text())["log"]["entries"]
    ]
    faults = [status for status in statuses if status >= 500]
    rows.append((f"{target} as {caller}", len(statuses), len(faults)))
    assert result.returncode == 0, result.stdout[-20_000:]
    assert statuses
    assert not faults
    product.wait_until_agreed()
    assert product.dead_letters() == []
    assert _read_all(product) >= len(product.quotes())


def _read_all(product: Stack) -> int:
    """Page through all that is stored, over REST and GraphQL; return how many quotes came."""
    for service, lists in PAGES.items():
        for path in lists:
            url = product.product.url(service, path)
            after: str | None = ""
            while after is not None:
                page = requests.get(url, {"after": after} if after else {}, timeout=30)
                assert page.status_code == 200, page.text
                info = page.json()["page_info"]
                after = info["end_cursor"] if info["has_next"] else None
    reader = product.users(1)[0]
    found, info = 0, {"hasNextPage": True, "endCursor": None}
    while info["hasNextPage"]:
        quotes = reader.ask(QUOTES, after=info["endCursor"])["quotes"]
        found, info = found + len(quotes["nodes"]), quotes["pageInfo"]
    return found
