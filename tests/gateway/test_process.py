"""The gateway as it is run: a Granian process before two fake services."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.gateway.fake_service import Answer, Call
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import quote_id, user_id
from tools import procfile
from tools.children import wait_until
from tools.environment import VENV
from tools.ports import free_port

ROOT = Path(__file__).parents[2]
STARTUP_SECONDS = 60  # of a loaded machine
PATIENCE = "120"  # seconds that services may take there


@pytest.fixture
def gateway(
    world: FakeWorld, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[urllib3.HTTPConnectionPool]:
    """A pool of connections to a running gateway; a test may give it more settings."""
    port = free_port()
    # What a token is signed with is known from the start: the fetch has a time-out of its own.
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [world.key.jwk]}))
    environment = os.environ | {
        "QUOTES_URL": world.quotes.url,
        "LIKES_URL": world.likes.url,
        "JWKS_URL": f"{world.quotes.url}/.well-known/jwks.json",
        "JWKS_FILE": str(tmp_path / "jwks.json"),
        "UPSTREAM_CONNECT_TIMEOUT": PATIENCE,
        "UPSTREAM_READ_TIMEOUT": PATIENCE,
        "UPSTREAM_WRITE_TIMEOUT": PATIENCE,
        "REQUEST_BUDGET": PATIENCE,
        **getattr(request, "param", {}),
    }
    # As the Procfile has it, but with one worker, so that all requests meet in one process.
    shipped = procfile.commands()["gateway"]
    command = shipped.replace("--workers 2", "--workers 1")
    environment |= {"GATEWAY_PORT": str(port), "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}"}
    process = subprocess.Popen(
        ["/bin/sh", "-c", f"exec {command}"], cwd=ROOT, env=environment, text=True
    )
    retries = urllib3.Retry(
        total=None, connect=STARTUP_SECONDS * 2, backoff_max=0.5, backoff_factor=0.1
    )
    with urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=50, timeout=120) as pool:
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


@pytest.mark.parametrize(
    "gateway", [{"UPSTREAM_READ_TIMEOUT": "5", "BREAKER_PAUSE": "1"}], indirect=True
)
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
        assert [node["id"] for node in body["data"]["quotes"]["nodes"]] == [
            quote_id(2),
            quote_id(1),
        ]
        # Who comes after a few time-outs is told at once.
        codes = {error["extensions"]["code"] for error in body["errors"]}
        assert codes <= {"UPSTREAM_TIMEOUT", "UPSTREAM_UNAVAILABLE"}
    world.likes.silent.clear()
    wait_until(
        lambda: "errors" not in _ask(gateway, query, token),
        patience=STARTUP_SECONDS,
        what="Likes is asked again",
    )


@pytest.mark.parametrize(
    ("name", "slow", "quick"),
    [
        ("likes", "{ quotes { nodes { id likedByMe } } }", "{ quotes { nodes { id } } }"),
        ("likes", '{ quote(id: "1") { likedBy { nodes { id } } } }', "{ me { id } }"),
        ("quotes", "{ quotes { nodes { id } } }", "{ __typename }"),
    ],
)
def test_what_needs_no_slow_service_waits_for_none_that_does(
    gateway: urllib3.HTTPConnectionPool, world: FakeWorld, name: str, slow: str, quick: str
) -> None:
    world.add_quotes(2)
    world.add_user(7)
    token = world.key.sign()
    assert "errors" not in _ask(gateway, slow, token)
    service, go_on = getattr(world, name), threading.Event()
    usual, waiting = service.answer, 30

    def answer(call: Call) -> Answer:
        go_on.wait()
        found: Answer = usual(call)
        return found

    service.answer = answer
    before = len(service.calls)
    with ThreadPoolExecutor(waiting) as threads:
        asked = [threads.submit(_ask, gateway, slow, token) for _ in range(waiting)]
        try:
            wait_until(
                lambda: len(service.calls) == before + waiting,
                patience=STARTUP_SECONDS,
                what="all wait for the service",
            )
            assert "errors" not in _ask(gateway, quick, token)
            assert not any(future.done() for future in asked)
        finally:
            go_on.set()
        assert all("errors" not in future.result() for future in asked)


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


def test_requests_at_once_never_mix_their_callers_or_traces(
    gateway: urllib3.HTTPConnectionPool, world: FakeWorld
) -> None:
    for user in range(1, 21):
        world.add_user(user)
    tokens = {user: world.key.sign(sub=str(user)) for user in range(1, 21)}

    def who(turn: int) -> bool:
        user = turn % 20 + 1
        body = _ask(gateway, "{ me { id } }", tokens[user])
        return bool(body == {"data": {"me": {"id": user_id(user)}}})

    with ThreadPoolExecutor(20) as threads:
        assert all(threads.map(who, range(200)))
    calls = [call for call in world.quotes.calls if call.path.startswith("/users/")]
    for call in calls:
        user = int(call.path.rpartition("/")[2])
        assert call.headers["authorization"] == f"Bearer {tokens[user]}"
    assert len({call.headers["traceparent"].split("-")[1] for call in calls}) == len(calls)


def test_writes_go_through_the_running_process(
    gateway: urllib3.HTTPConnectionPool, world: FakeWorld
) -> None:
    # Where a library sees an event loop, it answers a coroutine in the place of a quote.
    query = 'mutation { createQuote(input: {title: "T"}) { ... on Quote { title } } }'
    body = _ask(gateway, query, world.key.sign())
    assert body == {"data": {"createQuote": {"title": "T"}}}


@pytest.mark.parametrize("gateway", [{"JWKS_FILE": "/dev/null/none"}], indirect=True)
def test_a_key_that_must_be_asked_for_keeps_nobody_else_waiting(
    gateway: urllib3.HTTPConnectionPool, world: FakeWorld
) -> None:
    asked, go_on = threading.Event(), threading.Event()
    usual = world.quotes.answer

    def answer(call: Call) -> Answer:
        if "well-known" in call.path:
            asked.set()
            go_on.wait(30)
        return usual(call)

    world.quotes.answer = answer
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(_ask, gateway, "{ me { id } }", world.key.sign())
        assert asked.wait(30)
        assert _ask(gateway, "{ __typename }") == {"data": {"__typename": "Query"}}
        go_on.set()
        waiting.result()


@pytest.mark.parametrize("size", [100_001, 1_000_000])
def test_a_body_that_is_too_large_is_refused(
    gateway: urllib3.HTTPConnectionPool, size: int
) -> None:
    body = b'{"query": "' + b" " * size + b'"}'
    headers = {"Content-Type": "application/json"}
    response = gateway.request("POST", "/graphql", body=body, headers=headers)
    assert response.status == 413
    assert response.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


def test_a_body_without_its_length_is_asked_for_it(gateway: urllib3.HTTPConnectionPool) -> None:
    response = gateway.request(
        "POST",
        "/graphql",
        body=iter([b'{"query": "{ __ty', b'pename }"}']),
        headers={"Content-Type": "application/json"},
        chunked=True,
    )
    assert response.status == 411
    assert response.json()["errors"][0]["message"] == "Send the body with its Content-Length."


@pytest.mark.parametrize(
    "path", ["/%E2%9C%93", "/static/%2e%2e/settings.py", "/%00", "/a%2Fb?x=%FF"]
)
def test_a_path_of_any_bytes_is_not_found(gateway: urllib3.HTTPConnectionPool, path: str) -> None:
    assert gateway.request("GET", path).status == 404


def test_a_variable_of_any_text_comes_through_a_query_string(
    gateway: urllib3.HTTPConnectionPool, world: FakeWorld
) -> None:
    world.add_quotes(1)
    response = gateway.request(
        "GET",
        "/graphql",
        fields={
            "query": "query Q($s: String) { quotes(search: $s) { nodes { id } } }",
            "variables": '{"s": "✓ ü \\u0041"}',
        },
    )
    assert response.status == 200
    assert world.quotes.calls[-1].params["search"] == "✓ ü A"


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


def test_bodies_that_never_come_keep_nobody_else_waiting(
    gateway: urllib3.HTTPConnectionPool,
) -> None:
    head = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with ExitStack() as connections:
        for _ in range(20):
            connection = socket.create_connection((gateway.host, gateway.port or 0))
            connections.enter_context(connection).sendall(head + b"Content-Length: 100\r\n\r\n")
        for _ in range(40):
            assert _ask(gateway, "{ __typename }") == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_answer_is_whole_in_either_version_of_http(
    gateway: urllib3.HTTPConnectionPool, version: str
) -> None:
    body = b'{"query": "{ __typename }"}'
    request = (
        f"POST /graphql HTTP/{version}\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body

    def ask(_: int) -> bytes:
        with socket.create_connection((gateway.host, gateway.port or 0)) as connection:
            connection.sendall(request)
            with connection.makefile("rb") as answer:
                return answer.read()  # until the server closes it

    with ThreadPoolExecutor(50) as threads:
        for answer in threads.map(ask, range(500)):
            head, _, content = answer.partition(b"\r\n\r\n")
            assert b" 200 OK\r\n" in head + b"\r\n"
            assert f"content-length: {len(content)}".encode() in head.lower()
            assert content == b'{"data":{"__typename":"Query"}}'
