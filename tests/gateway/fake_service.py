"""A service faked at the wire: a real HTTP server that records every call, so that tests can count
them. A test can make it misbehave (`misbehave`).
"""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Call:
    """A call that a service got."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    payload: Any
    connection: tuple[str, int]


@dataclass
class Answer:
    """What a service answers: JSON, unless `raw` is given."""

    status: int = 200
    document: Any = None
    raw: bytes | None = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False  # close the connection without a word
    cut_after: int | None = None  # break the connection after so many bytes of the body


def problem(
    status: int, code: str, detail: str = "No.", errors: Any = (), **members: Any
) -> Answer:
    """A refusal as the services word it."""
    document = {
        "type": "about:blank",
        "title": "Refused",
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [dict(zip(("field", "code", "message"), e, strict=True)) for e in errors],
        **members,
    }
    return Answer(status, document, content_type="application/problem+json")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # its default of 5 would keep concurrent callers waiting


class FakeService:
    """One HTTP server on a free port."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls: list[Call] = []
        self.answer: Callable[[Call], Answer] = lambda call: problem(404, "not_found")
        self.silent = threading.Event()  # set: take the request and never answer
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def paths(self) -> list[str]:
        """Answer method and path of each call, but those for keys."""
        return [f"{c.method} {c.path}" for c in self.calls if "well-known" not in c.path]

    def misbehave(self, answer: Answer) -> None:
        """Answer that to all calls but those for keys."""
        usual = self.answer
        self.answer = lambda call: usual(call) if "well-known" in call.path else answer

    def stop(self) -> None:
        """Stop listening, and close the connections that are open."""
        if not self.stopping.is_set():
            self.stopping.set()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            for connection in list(self.connections):
                with contextlib.suppress(OSError):  # it was closed meanwhile
                    connection.shutdown(socket.SHUT_RDWR)


def _handler_of(service: FakeService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # keeps connections alive, as the real ones do
        wbufsize = -1
        disable_nagle_algorithm = True

        def _respond(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            call = Call(
                self.command,
                parts.path,
                {k: v[-1] for k, v in parse_qs(parts.query, keep_blank_values=True).items()},
                {k.lower(): v for k, v in self.headers.items()},
                json.loads(body) if body else None,
                self.client_address,
            )
            service.calls.append(call)
            if service.silent.is_set() and "well-known" not in call.path:
                service.stopping.wait(30)
                self.close_connection = True
                return
            answer = service.answer(call)
            if answer.hang_up:
                self.close_connection = True
                return
            raw = answer.raw if answer.raw is not None else json.dumps(answer.document).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(raw)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if answer.cut_after is not None:
                raw = raw[: answer.cut_after]
                self.close_connection = True
            try:
                self.wfile.write(raw)
                self.wfile.flush()
            except OSError:
                self.close_connection = True

        def do_GET(self) -> None:
            self._respond()

        def do_POST(self) -> None:
            self._respond()

        def do_PUT(self) -> None:
            self._respond()

        def do_PATCH(self) -> None:
            self._respond()

        def do_DELETE(self) -> None:
            self._respond()

        def setup(self) -> None:
            super().setup()
            service.connections.add(self.connection)

        def finish(self) -> None:
            service.connections.discard(self.connection)
            super().finish()

        def log_message(self, *args: object) -> None:
            pass

    return Handler
