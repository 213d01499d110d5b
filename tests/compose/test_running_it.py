"""What docker-compose.yml runs, run here: its commands and environment as local processes.

The names and ports of its network become addresses of this machine; nothing else is changed.
"""

import getpass
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.compose.compose_file import ROOT, Service, read_services
from tests.system.clients import register
from tools import children
from tools.environment import with_venv
from tools.ports import free_port
from tools.servers import PrivatePostgres, PrivateRabbitMQ
from tools.supervisor import Program, Supervisor

PORTS = ("8000", "8001", "8002", "8011", "8012", "8021", "8022")
PATIENCE = 90.0  # seconds


class Network:
    """The servers of the file, and where its names lead to here."""

    def __init__(self, postgres: PrivatePostgres, rabbitmq: PrivateRabbitMQ, folder: Path) -> None:
        self.ports = {port: str(free_port()) for port in PORTS}
        self._places = {
            "@postgres:5432": f"@127.0.0.1:{postgres.port}",
            "@rabbitmq:5672": f"@127.0.0.1:{rabbitmq.port}",
            "//quotes:8001": f"//127.0.0.1:{self.ports['8001']}",
            "//likes:8002": f"//127.0.0.1:{self.ports['8002']}",
            "/tmp/": f"{folder}/",  # noqa: S108 - a file system of each container's own
        }

    def here(self, text: str) -> str:
        """Return a word of a command or environment as it is on this machine."""
        text = re.sub(r"\b(?<!\.)0\.0\.0\.0\b", "127.0.0.1", text)  # all of a container
        for name, place in self._places.items():
            text = text.replace(name, place)
        for port, free in self.ports.items():
            if text in (port, f"127.0.0.1:{port}") or text.startswith(f"http://127.0.0.1:{port}/"):
                return text.replace(port, free)
        return text

    def environment(self, service: Service) -> dict[str, str]:
        """Return the environment of a container, and what the image brings."""
        values = {name: self.here(value) for name, value in service.environment.items()}
        return with_venv({"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **values})


def _pem() -> str:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return pem.replace("\n", "\\n")


def make_databases(postgres: PrivatePostgres) -> None:
    """Run docker/databases.sql as the server's image does."""
    passwords = {"QUOTES_DATABASE_PASSWORD": "any", "LIKES_DATABASE_PASSWORD": "it's"}
    subprocess.run(
        ["psql", "--no-psqlrc", "--file", str(ROOT / "docker/databases.sql"), postgres.url],
        env={"PATH": os.environ["PATH"], **passwords},
        check=True,
        capture_output=True,
        timeout=60,
    )


def as_account(postgres: PrivatePostgres, account: str, database: str) -> psycopg.Connection:
    """Connect to a database as an account of that server."""
    return psycopg.connect(postgres.url_of(database).replace("postgres@", f"{account}@"))


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    return read_services(
        {
            "DJANGO_SECRET_KEY": "a secret of the test, long enough to be one",
            "JWT_PRIVATE_KEY": _pem(),
            "POSTGRES_PASSWORD": "any",
            "QUOTES_DATABASE_PASSWORD": "any",
            "LIKES_DATABASE_PASSWORD": "any",
            "RABBITMQ_PASSWORD": "rabbitmq-password",
            "GRAPHIQL": "1",
        }
    )


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with ExitStack() as servers:
        postgres = servers.enter_context(PrivatePostgres())
        make_databases(postgres)
        rabbitmq = servers.enter_context(PrivateRabbitMQ())
        rabbitmq.ctl("add_user", "quotes", "rabbitmq-password")
        rabbitmq.ctl("set_permissions", "quotes", ".*", ".*", ".*")
        yield Network(postgres, rabbitmq, tmp_path_factory.mktemp("containers"))


@pytest.fixture(scope="module")
def running(network: Network, services: dict[str, Service]) -> Iterator[Network]:
    """All of the file's processes of ours, started in its order."""
    for service in (services["quotes-setup"], services["likes-setup"]):
        command = [network.here(word) for word in service.command]
        environment = network.environment(service)
        done = subprocess.run(
            command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    programs = [
        Program(
            service.name,
            [network.here(word) for word in service.command],
            network.environment(service),
            ROOT,
        )
        for service in services.values()
        if service.ours and not service.name.endswith("-setup")
    ]
    printed: list[str] = []
    supervisor = Supervisor(programs, lambda name, line: printed.append(f"{name} | {line}"))
    supervisor.start()
    try:
        for program in programs:
            service = services[program.name]
            children.wait_until(
                lambda service=service: _is_healthy(network, service),  # type: ignore[misc]
                patience=PATIENCE,
                what=f"{program.name} is healthy; it printed {printed[-20:]}",
            )
        yield network
    finally:
        supervisor.stop()


@pytest.fixture(scope="module")
def proxy(running: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the file's proxy in front of the file's gateway."""
    with _proxied(running.ports["8000"], tmp_path_factory.mktemp("proxy")) as url:
        yield url


@contextmanager
def _proxied(gateway_port: object, folder: Path) -> Iterator[str]:
    """Have nginx run meanwhile, with the file's configuration; return its address."""
    port = free_port()
    text = (ROOT / "docker" / "nginx.conf").read_text()
    for name, place in {
        # A name of Docker's, which an older nginx can't follow; twice, as of two containers.
        "server gateway:8000 resolve max_fails=0;": f"server 127.0.0.1:{gateway_port} max_fails=0;"
        * 2,
        "listen 8000": f"listen 127.0.0.1:{port}",
        "/tmp/": f"{folder}/",  # noqa: S108 - a file system of the container's own
    }.items():
        assert name in text
        text = text.replace(name, place)
    (folder / "nginx.conf").write_text(text)
    user = getpass.getuser()  # nginx would work as another, who may not enter this folder
    command = ["nginx", "-c", f"{folder}/nginx.conf", "-g", f"daemon off; user {user};"]
    printed: list[str] = []
    path = f"{os.environ['PATH']}:/usr/sbin"
    program = Program("proxy", command, {"PATH": path}, ROOT)
    supervisor = Supervisor([program], lambda name, line: printed.append(line))
    supervisor.start()
    url = f"http://127.0.0.1:{port}"
    try:
        children.wait_until(
            lambda: _answers(f"{url}/healthz"),
            patience=PATIENCE,
            what=f"nginx answers; it printed {printed}",
        )
        yield url
    finally:
        supervisor.stop()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=10).status_code > 0
    except requests.ConnectionError:
        return False


def _is_healthy(network: Network, service: Service) -> bool:
    command = [network.here(word) for word in service.health_check[1:]]
    environment = network.environment(service)
    run = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True)
    return run.returncode == 0


def test_a_quote_is_created_and_liked_and_counted_by_its_processes(running: Network) -> None:
    user = register(f"http://127.0.0.1:{running.ports['8000']}/graphql")
    quote_id = user.create("Said in a container")
    assert user.like(quote_id) == 1
    children.wait_until(
        lambda: user.likes(quote_id) == 1, patience=PATIENCE, what="Quotes has counted the like"
    )


def test_bodies_that_never_end_keep_nobody_waiting(proxy: str) -> None:
    """The gateway has 128 threads, each of which would wait for one of them."""
    begun = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    begun += b"Content-Length: 50\r\n\r\n{"
    with ExitStack() as connections:
        for _ in range(200):
            address = ("127.0.0.1", urlsplit(proxy).port)
            connection = connections.enter_context(socket.create_connection(address, 30))
            connection.sendall(begun)
        user = register(f"{proxy}/graphql")
        assert user.ask("{ me { id } }") == {"me": {"id": user.id}}


def test_a_body_over_all_limits_is_refused_as_graphql_refuses(proxy: str) -> None:
    headers = {"Content-Type": "application/json"}
    for size in (200_000, 3_000_000):  # the gateway's limit, and that of the proxy
        response = requests.post(f"{proxy}/graphql", b" " * size, headers=headers, timeout=30)
        assert response.status_code == 413
        [error] = response.json()["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


def test_the_gateway_is_told_where_a_user_is_and_no_user_is_believed(tmp_path: Path) -> None:
    told: list[dict[str, str]] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as gateway:
        threading.Thread(target=gateway.serve_forever, daemon=True).start()
        with _proxied(gateway.server_port, tmp_path) as url:
            forged = {
                "X-Forwarded-For": "203.0.113.7",
                "X-Forwarded-Proto": "https",
                "Host": "quotes.example",
            }
            requests.get(f"{url}/graphql", headers=forged, timeout=30)
        gateway.shutdown()
    assert told[-1]["x-forwarded-for"] == "127.0.0.1"
    assert told[-1]["x-forwarded-proto"] == "http"
    assert told[-1]["host"] == "quotes.example"


def test_what_nobody_answers_is_a_503_that_says_when_to_come_back(tmp_path: Path) -> None:
    with _proxied(free_port(), tmp_path) as url:
        response = requests.post(f"{url}/graphql", json={"query": "{ me { id } }"}, timeout=30)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"


def test_what_was_sent_by_post_is_never_sent_again(tmp_path: Path) -> None:
    received: list[str] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.path)
            self.connection.close()  # before any response

    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as gateway:
        threading.Thread(target=gateway.serve_forever, daemon=True).start()
        with _proxied(gateway.server_port, tmp_path) as url:
            response = requests.post(f"{url}/graphql", json={}, timeout=30)
        gateway.shutdown()
    assert response.status_code == 503
    assert received == ["/graphql"]


def test_the_account_of_one_service_sees_nothing_of_the_other() -> None:
    with PrivatePostgres() as postgres:
        make_databases(postgres)
        with as_account(postgres, "quotes", "quotes") as own:
            own.execute("CREATE TABLE own ()")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            as_account(postgres, "quotes", "likes")
        with as_account(postgres, "quotes", "quotes") as own:
            [row] = own.execute("SELECT rolsuper FROM pg_roles WHERE rolname = user")
        assert row == (False,)


def test_tables_that_the_superuser_made_become_the_services_own() -> None:
    with PrivatePostgres() as postgres:
        postgres.create_database("quotes")
        with as_account(postgres, "postgres", "quotes") as before:
            before.execute("CREATE TABLE old (id bigint GENERATED BY DEFAULT AS IDENTITY)")
            before.execute("CREATE FUNCTION noted() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        for _ in range(2):  # it may be run again
            make_databases(postgres)
        with as_account(postgres, "quotes", "quotes") as after:
            after.execute("INSERT INTO old DEFAULT VALUES")
            after.execute("ALTER TABLE old ADD COLUMN title text")
            after.execute("DROP FUNCTION noted()")


def test_a_health_check_fails_where_nothing_answers(
    network: Network, services: dict[str, Service]
) -> None:
    elsewhere = str(free_port())
    command = [word.replace("8001", elsewhere) for word in services["quotes"].health_check[1:]]
    run = subprocess.run(
        command,
        cwd=ROOT,
        env=network.environment(services["quotes"]),
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert "doesn't answer" in run.stderr
