"""The gateway as it is run: a Granian process before two fake services."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.gateway.fakes import Answer, FakeWorld
from tools.children import wait_until

ROOT = Path(__file__).parents[2]
STARTUP_SECONDS = 60  # of a loaded machine


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def gateway(world: FakeWorld, tmp_path: Path) -> Iterator[urllib3.HTTPConnectionPool]:
    """A pool of connections to a running gateway."""
    port = _free_port()
    environment = os.environ | {
        "QUOTES_URL": world.quotes.url,
        "LIKES_URL": world.likes.url,
        "JWKS_URL": f"{world.quotes.url}/.well-known/jwks.json",
        "JWKS_FILE": str(tmp_path / "jwks.json"),
        "UPSTREAM_READ_TIMEOUT": "1.5",
        "UPSTREAM_WRITE_TIMEOUT": "1.5",
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1"]
    command += ["--blocking-threads", "64", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "gateway.wsgi:application"], cwd=ROOT, env=environment, text=True
    )
    retries = urllib3.Retry(
        total=None, connect=STARTUP_SECONDS * 2, backoff_max=0.5, backoff_factor=0.1
    )
    with urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=50, timeout=30) as pool:
        try:
            assert pool.request("GET", "/healthz", retries=retries).status == 200
            yield pool
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


def _ask(gateway: urllib3.HTTPConnectionPool, query: str, token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = gateway.request("POST", "/graphql", json={"query": query}, headers=headers)
    assert response.status == 200
    return response.json()


def test_a_silent_likes_takes_nothing_else_down_and_is_back_when_it_wakes(
    gateway: urllib3.HTTPConnectionPool, world: FakeWorld
) -> None:
    world.add_quotes(2)
    token = world.key.sign()
    query = "{ quotes { nodes { id likedByMe } } }"
    assert "errors" not in _ask(gateway, query, token)
    world.likes.silent.set()
    with ThreadPoolExecutor(40) as threads:
        slow = [threads.submit(_ask, gateway, query, token) for _ in range(40)]
        assert "errors" not in _ask(gateway, "{ quotes { nodes { id } } }", token)
        bodies = [future.result() for future in slow]
    for body in bodies:
        assert [node["id"] for node in body["data"]["quotes"]["nodes"]] == ["2", "1"]
        # Who comes after a few time-outs is told at once.
        codes = {error["extensions"]["code"] for error in body["errors"]}
        assert codes <= {"UPSTREAM_TIMEOUT", "UPSTREAM_UNAVAILABLE"}
    world.likes.silent.clear()
    wait_until(
        lambda: "errors" not in _ask(gateway, query, token),
        patience=STARTUP_SECONDS,
        what="Likes is asked again",
    )


def test_the_process_starts_and_serves_its_pages_while_the_services_are_down(
    gateway: urllib3.HTTPConnectionPool, world: FakeWorld
) -> None:
    assert world.quotes.calls == [], "the start itself calls nobody"
    for service in (world.quotes, world.likes):
        service.misbehave(Answer(500, {}))
    assert gateway.request("GET", "/").status == 200
    assert gateway.request("GET", "/static/gateway/page.css").status == 200
    assert gateway.request("GET", "/graphql/", headers={"Accept": "text/html"}).status == 200
    assert gateway.request("GET", "/readyz").status == 503


@pytest.mark.parametrize("folder", [ROOT, ROOT / "gateway", Path("/")])
def test_management_commands_run_from_any_folder(folder: Path) -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "gateway" / "manage.py"), "check"],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
