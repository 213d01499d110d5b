"""An app with Apollo and one with Relay, used from the first page to the end of the account."""

import re
import uuid
from pathlib import Path

import pytest

from tests.system.clients import number_of
from tests.system.gateway.nodes import run_node
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until

ROOT = Path(__file__).parents[3]
APPS = Path(__file__).parent / "javascript" / "apps"


@pytest.mark.parametrize("client", ["apollo", "relay"])
def test_an_app_reads_writes_and_leaves_as_its_users_expect(
    stack: Stack, node_packages: Path, client: str
) -> None:
    name = f"{client}-{uuid.uuid4().hex[:8]}"
    # No like gets into a count meanwhile, but those that the app says it has given.
    stack.supervisor.hold("quotes-consumer")
    try:
        arguments = (stack.graphql, name, str(ROOT / "schema.graphql"))
        found = run_node(node_packages, f"apps/{client}/app.js", *arguments)
    finally:
        stack.supervisor.release("quotes-consumer")
    assert (name,) not in stack.rows("quotes", "SELECT username FROM quotes_service_user")
    wait_until(
        lambda: stack.quotes()[number_of(found["liked"])][1] == 0,
        patience=PATIENCE,
        what="the like is withdrawn with the account",
    )
    stack.wait_until_agreed()
    assert stack.quotes()[number_of(found["written"])][0] == "Mine, again"
    assert stack.dead_letters() == []


def test_the_code_in_the_documentation_is_what_the_apps_use() -> None:
    documented = re.findall(
        r"```js\n(.*?)```", (ROOT / "docs/frontends.md").read_text(), flags=re.DOTALL
    )
    used = (APPS / "session.js").read_text().replace("export ", "")
    assert len(documented) == 2
    assert [code for code in documented if code not in used] == []
