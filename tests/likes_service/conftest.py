"""A client of the REST API as a caller has it, keys of the tests' own, and a Quotes to ask."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pytest_django import Settings

from likes_service.models import Quote
from messaging.models import OutboxEvent
from tests.examples import CONTRACTS, read
from tests.rest_api import Api
from tests.signed_tokens import token_of, verified_by_our_key

NOW = datetime(2026, 11, 25, 4, 38, 40, 123456, UTC)


@pytest.fixture(autouse=True)
def _keys(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.QUOTES_URL = "http://127.0.0.1:9"  # the discard port: nobody answers
    with verified_by_our_key(settings, tmp_path / "jwks.json"):
        yield


@pytest.fixture
def api() -> Api:
    """A caller without a token."""
    return Api()


def as_user(user_id: int) -> Api:
    """The API as this user calls it."""
    return Api(token_of(user_id))


@pytest.fixture
def make_quote(db: None) -> Callable[..., Quote]:
    """Puts quotes in the replica."""

    def make(quote_id: int = 7, **values: Any) -> Quote:
        given = {"title": "To be.", "version": 1, "created_at": NOW, "updated_at": NOW} | values
        return Quote.objects.create(id=quote_id, **given)

    return make


def published() -> list[tuple[str, dict[str, Any]]]:
    """The events in the outbox, oldest first."""
    return [(row.type, json.loads(row.data)) for row in OutboxEvent.objects.order_by("id")]


@dataclass
class FakeQuotes:
    """A server in the place of Quotes. `responses` are what it does with each request."""

    responses: list[Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    def always(self, status: int, body: Any, **headers: str) -> None:
        """Respond to every request so, on a connection kept open."""
        self.responses = [lambda request: send(request, status, body, headers)]

    def example(self, name: str) -> Any:
        """Respond to every request as an example of the contract. Return its body."""
        example = read(CONTRACTS / "rest" / "quotes" / f"{name}.json")
        self.always(example["status"], example["body"])
        return example["body"]

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        self.requests.append((request.path, dict(request.headers.items())))
        self.connections.add(request.client_address)
        response = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        response(request)


def send(
    request: BaseHTTPRequestHandler, status: int, body: Any, headers: dict[str, str] | None = None
) -> None:
    """Send a whole response."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request.send_response(status)
    request.send_header("Content-Length", str(len(content)))
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(content)


def hang_up(request: BaseHTTPRequestHandler) -> None:
    """Close the connection without a response."""
    request.close_connection = True


@pytest.fixture
def quotes(settings: Settings) -> Iterator[FakeQuotes]:
    """Quotes, which knows no quotes until it is given some."""
    fake = FakeQuotes()
    fake.example("quote_not_found")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            fake.handle(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64  # the default turns away who connects at once with five others

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    settings.QUOTES_URL = f"http://127.0.0.1:{server.server_port}"
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()
