"""The RSGI door: `granian --interface rsgi gateway.rsgi:application`.

The same Django as behind `wsgi.py`, each request in a greenlet of the server's event loop; see
`waiting.py` for why.
"""

import asyncio
import io
import sys
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian.rsgi import Scope

from gateway.waiting import RequestGreenlet
from gateway.wsgi import application as wsgi_application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

MAX_DISCARDED = 10_000_000  # bytes of a body that is too large
_HEADERS_OF_CGI = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


@dataclass
class _Response:
    """What a WSGI application answers."""

    status: int = 500
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def start(self, status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
        """WSGI's `start_response`."""
        self.status = int(status[:3])
        self.headers = [(name.lower(), value) for name, value in headers]


async def application(scope: Scope, protocol: HTTPProtocol) -> None:
    """Answer a request."""
    environ = _environ(scope, await _body(scope, protocol))
    request = RequestGreenlet(partial(_respond, environ), asyncio.get_running_loop())
    request.go_on()
    response: _Response = await request.answered
    protocol.response_bytes(response.status, response.headers, response.body)


def _respond(environ: dict[str, Any]) -> _Response:
    response = _Response()
    content = wsgi_application(environ, cast("StartResponse", response.start))
    try:
        response.body = b"".join(content)
    finally:
        content.close()
    return response


async def _body(scope: Scope, protocol: HTTPProtocol) -> bytes:
    """Read the body, but no more of it than is refused as too large."""
    headers = scope.headers
    length, chunked = headers.get("content-length"), headers.get("transfer-encoding")
    if not (length or chunked) or scope.method in {"GET", "HEAD"}:
        return b""
    limit = settings.GRAPHQL_MAX_BYTES
    if length and length.isdecimal() and int(length) <= limit:
        return await protocol()
    kept, read = bytearray(), 0
    # Read on, for a client that is still sending reads no answer; but not for ever.
    async for chunk in protocol:
        read += len(chunk)
        kept += chunk[: limit + 1 - len(kept)]
        if read > MAX_DISCARDED:
            break
    return bytes(kept)


def _environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """Answer the environment of PEP 3333, whose texts hold bytes as Latin-1."""
    host, _, port = scope.server.rpartition(":")
    address, _, _ = scope.client.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": address.strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = _HEADERS_OF_CGI.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ
