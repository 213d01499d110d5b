"""A collector of OpenTelemetry that keeps the spans which processes send it by OTLP over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Received:
    """A span as it came. Ids are hexadecimal."""

    service: str
    name: str
    kind: int
    trace: str
    id: str
    parent: str
    links: tuple[str, ...]  # ids of spans
    started: int
    ended: int
    attributes: tuple[tuple[str, str], ...]


class Collector:
    """What has come so far. `url` is the endpoint."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._spans: list[Received] = []
        self._lock = threading.Lock()

    def take(self, body: bytes) -> None:
        """Take a request."""
        request = ExportTraceServiceRequest.FromString(body)
        with self._lock:
            for resource in request.resource_spans:
                service = dict(_texts(resource.resource.attributes))["service.name"]
                for scope in resource.scope_spans:
                    self._spans += [_received(service, span) for span in scope.spans]

    def spans(self, trace: str | None = None) -> list[Received]:
        """Return what came, of one trace if given, in the order in which it began."""
        with self._lock:
            found = [span for span in self._spans if trace in (None, span.trace)]
        return sorted(found, key=lambda span: span.started)


def _received(service: str, span: Any) -> Received:
    return Received(
        service=service,
        name=span.name,
        kind=span.kind,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        links=tuple(link.span_id.hex() for link in span.links),
        started=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        attributes=_texts(span.attributes),
    )


def _texts(attributes: Any) -> tuple[tuple[str, str], ...]:
    return tuple(
        (each.key, each.value.string_value or str(each.value.int_value)) for each in attributes
    )


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector at a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield collector
        server.shutdown()
