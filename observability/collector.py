"""A collector of OpenTelemetry, which takes spans by OTLP over HTTP.

The names of attributes are those of OpenTelemetry's semantic conventions
(https://opentelemetry.io/docs/specs/semconv/).
"""

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from observability.recording import Span

TIMEOUT_SECONDS = 5
_FAILED = Status(StatusCode.ERROR)
_WELL = Status(StatusCode.UNSET)


class Collector:
    """Sends the spans of a service to an endpoint, such as `http://collector:4318`."""

    def __init__(self, endpoint: str, service: str) -> None:
        address = f"{endpoint.rstrip('/')}/v1/traces"
        self._exporter = OTLPSpanExporter(endpoint=address, timeout=TIMEOUT_SECONDS)
        self._resource = Resource({"service.name": service})

    def send(self, spans: Sequence[Span]) -> bool:
        """Send spans; return whether they were taken."""
        sent = self._exporter.export([self._encoded(span) for span in spans])
        return sent is SpanExportResult.SUCCESS

    def _encoded(self, span: Span) -> ReadableSpan:
        return ReadableSpan(
            name=span.name,
            kind=SpanKind[span.kind],
            context=_context(span.traceparent),
            parent=None if span.parent is None else _context(span.parent),
            resource=self._resource,
            attributes=span.attributes,
            links=[Link(_context(link)) for link in span.links],
            status=_FAILED if span.failed else _WELL,
            start_time=span.started,
            end_time=span.ended,
        )


def _context(traceparent: str) -> SpanContext:
    _, trace, span, flags = traceparent.split("-")
    return SpanContext(
        int(trace, 16), int(span, 16), is_remote=False, trace_flags=TraceFlags(int(flags, 16))
    )
