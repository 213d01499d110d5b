"""A real key server, and keys and tokens as Quotes makes them."""

import contextlib
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_django import Settings

from identity import tokens
from identity.jwk import thumbprint

PATIENCE = 30  # seconds, of a loaded machine


@dataclass
class SigningKey:
    """An Ed25519 key pair and its public JWK."""

    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    with_alg: bool = True

    @property
    def jwk(self) -> dict[str, Any]:
        x = urlsafe_b64encode(self.private.public_key().public_bytes_raw()).rstrip(b"=").decode()
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig"}
        jwk["kid"] = thumbprint(jwk)
        return jwk | {"alg": "EdDSA"} if self.with_alg else jwk

    def sign(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        now = int(time.time())
        payload = {"iss": "quotes", "sub": "7", "iat": now, "exp": now + 600, "staff": False}
        payload |= claims
        return jwt.encode(
            {name: value for name, value in payload.items() if value is not None},
            self.private,
            algorithm="EdDSA",
            headers={"kid": self.jwk["kid"], **(header or {})},
        )


class KeyServer(ThreadingHTTPServer):
    """Publishes `keys` as a JWKS, and counts how often it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keys: list[dict[str, Any]] = []
        self.asked = 0
        self.answering = threading.Event()  # clear it to have callers wait
        self.answering.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/.well-known/jwks.json"


class _Handler(BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        self.server.asked += 1
        self.server.answering.wait(PATIENCE)
        body = json.dumps({"keys": self.server.keys}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        with contextlib.suppress(OSError):  # who asked may have given up
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that moves the key set's clock forward by so many seconds."""
    offset = [0.0]
    real = time.monotonic
    monkeypatch.setattr("identity.keys.time.monotonic", lambda: real() + offset[0])

    def forward(seconds: float) -> None:
        offset[0] += seconds

    return forward


@pytest.fixture
def key_server(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[KeyServer]:
    monkeypatch.setattr("identity.keys.FETCH_TIMEOUT", timedelta(seconds=PATIENCE))
    monkeypatch.setattr("identity.keys.REFRESH_TIMEOUT", timedelta(seconds=PATIENCE - 1))
    server = KeyServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.JWKS_URL = server.url
    settings.JWKS_FILE = str(tmp_path / "keys" / "jwks.json")
    settings.TOKEN_ISSUER = "quotes"
    tokens.forget()
    yield server
    server.answering.set()
    server.shutdown()
    thread.join()
    server.server_close()
    tokens.forget()


@pytest.fixture
def key(key_server: KeyServer) -> SigningKey:
    """A key that the server publishes."""
    key = SigningKey()
    key_server.keys.append(key.jwk)
    return key
