"""Clients that are generated from the OpenAPI documents, compiled and used."""

import json
import subprocess
import uuid
from pathlib import Path

from tests.system.gateway.nodes import PATIENCE, run_node
from tests.system.stack import Stack
from tools import pip

PYTHON = Path(__file__).parent / "python"


def test_openapi_typescript_makes_types_that_compile(product: Stack, node_packages: Path) -> None:
    services = [product.product.url(name, "") for name in ("quotes", "likes")]
    assert run_node(node_packages, "rest_types.js", *services) == {"faults": []}


def test_openapi_python_client_makes_clients_that_work(product: Stack, tmp_path: Path) -> None:
    python = pip.install(PYTHON)
    for name in ("quotes", "likes"):
        _run(
            str(python.with_name("openapi-python-client")),
            *("generate", "--meta", "none", "--output-path", str(tmp_path / f"{name}_client")),
            *("--fail-on-warning", "--url", product.product.url(name, "/openapi.json")),
        )
    username = f"rest-{uuid.uuid4().hex[:8]}"
    arguments = (product.product.url("quotes", ""), username, "a long password 7")
    printed = _run(str(python), str(PYTHON / "use.py"), *arguments, PYTHONPATH=str(tmp_path))
    assert json.loads(printed) == {"code": "invalid_credentials", "total": 1, "email": ""}
    _run(str(python), "-c", "import likes_client.api.likes", PYTHONPATH=str(tmp_path))


def _run(*command: str, **environment: str) -> str:
    """Return what a command prints; fails with its output if it fails."""
    path = f"{Path(command[0]).parent}:/usr/bin:/bin"
    run = subprocess.run(
        command,
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout
