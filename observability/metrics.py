"""Every metric of every process: its name, its labels, and what it says.

Names are those of OpenTelemetry's semantic conventions as Prometheus writes them
(https://opentelemetry.io/docs/specs/semconv/), where these have one. A label's values are few and
ours: what a client sends never becomes one, or it could fill the memory of all who keep them.

What happens is counted where it happens. What *is*, such as how many connections are in use, is
read by a reader when somebody asks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.metrics_core import Metric

# OpenTelemetry's, in seconds; and for what goes through the broker, which may be away for hours.
REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
LAG_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)

log = structlog.get_logger(__name__)

disable_created_metrics()  # a second series for each, of when it began
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

# -- Requests that are served
HTTP_SERVER_DURATION = Histogram(
    "http_server_request_duration_seconds",
    "Requests by the pattern of their address, with how they ended and how long they took.",
    ("http_request_method", "http_route", "http_response_status_code"),
    buckets=REQUEST_BUCKETS,
    registry=REGISTRY,
)
GRAPHQL_DURATION = Histogram(
    "graphql_operation_duration_seconds",
    "GraphQL operations by kind and name; `other` is what is no persisted operation.",
    ("graphql_operation_type", "graphql_operation_name"),
    buckets=REQUEST_BUCKETS,
    registry=REGISTRY,
)
GRAPHQL_ERRORS = Counter(
    "graphql_operation_errors",
    "GraphQL operations that had an error of this code.",
    ("graphql_operation_type", "graphql_operation_name", "error_type"),
    registry=REGISTRY,
)
RATE_LIMITED = Counter(
    "rate_limit_refusals",
    "What was refused since it was done too often, by the limit.",
    ("kind",),
    registry=REGISTRY,
)

# -- Requests that are made
HTTP_CLIENT_DURATION = Histogram(
    "http_client_request_duration_seconds",
    "Requests to another service, with its status, or what came instead of a response.",
    ("peer_service", "http_request_method", "http_response_status_code", "error_type"),
    buckets=REQUEST_BUCKETS,
    registry=REGISTRY,
)

# -- Messages
DELIVERY_LAG = Histogram(
    "messaging_delivery_lag_seconds",
    "From when an event was written by its service to the commit of its effect here.",
    buckets=LAG_BUCKETS,
    registry=REGISTRY,
)


@dataclass(frozen=True)
class Read:
    """A metric that is read when somebody asks. `kind` is Prometheus's type."""

    name: str
    documentation: str
    labels: Sequence[str] = ()
    kind: str = "gauge"


BREAKER_OPEN = Read(
    "http_client_breaker_open",
    "1 while a service that was silent is left alone.",
    ("peer_service",),
)
SUBSCRIPTIONS = Read("graphql_subscriptions", "Live subscriptions that are open.")
SUBSCRIPTIONS_CURRENT = Read(
    "graphql_subscriptions_current", "1 while subscribers are told all that happens."
)
POOL_CONNECTIONS = Read(
    "db_client_connection_count",
    "Connections of the pool to the database, by what they are doing.",
    ("db_client_connection_state",),
)
POOL_MAX = Read("db_client_connection_max", "The most connections that the pool may have.")
POOL_PENDING = Read("db_client_connection_pending_requests", "Threads that wait for a connection.")
POOL_TIMEOUTS = Read(
    "db_client_connection_timeouts",
    "How often a thread waited for a connection in vain.",
    kind="counter",
)
OUTBOX_EVENTS = Read("messaging_outbox_events", "Events that the broker has not confirmed.")
OUTBOX_AGE = Read(
    "messaging_outbox_oldest_age_seconds",
    "Since when the oldest of them waits, of those that nothing holds up.",
)
OUTBOX_SET_ASIDE = Read(
    "messaging_outbox_set_aside_events", "Events that the broker goes on refusing."
)
SENT = Read("messaging_client_sent_messages", "Messages handed to the broker.", kind="counter")
CONFIRMED = Read(
    "messaging_client_confirmed_events", "Events that the broker has confirmed.", kind="counter"
)
REFUSED = Read(
    "messaging_client_refused_messages", "Messages that the broker has refused.", kind="counter"
)
CONSUMED = Read(
    "messaging_client_consumed_messages",
    "Messages taken from the queue, by what became of them.",
    ("outcome",),
    "counter",
)
DEAD_LETTERS = Read("messaging_dead_letters", "Dead letters that are parked.")
RETRIES_OVERDUE = Read(
    "messaging_retries_overdue", "Messages that have not come back in time for their retry."
)
DATABASE_PAST = Read(
    "messaging_database_past",
    "1 if the service's database is in the past of what others know, as `/readyz` has found.",
)
PROCESS_READY = Read(
    "messaging_process_ready",
    "1 if the relay or consumer reached this when it last needed it.",
    ("check",),
)
PROCESS_ACTIVE = Read(
    "messaging_process_active",
    "1 while the relay or consumer is at work: not in waiting, blocked or trying again.",
)
PROCESS_IDLE = Read(
    "messaging_process_idle_seconds", "Since when the relay or consumer has not got on."
)

Labels = tuple[str, ...]
Reading = tuple[Read, Labels, float]
Reader = Callable[[], Iterable[Reading]]
READERS: list[Reader] = []


def read_when_asked(reader: Reader) -> Reader:
    """Have a reader asked whenever this process reports its metrics."""
    if reader not in READERS:
        READERS.append(reader)
    return reader


def collect(readers: Iterable[Reader] = ()) -> Iterator[Metric]:
    """Give all metrics of this process, those of further readers among them.

    A reader that fails is logged, and what it reads is missing.
    """
    yield from REGISTRY.collect()
    found: dict[str, Metric] = {}
    for read, labels, value in _readings([*READERS, *readers]):
        if read.name not in found:
            found[read.name] = Metric(read.name, read.documentation, read.kind)
        name = f"{read.name}_total" if read.kind == "counter" else read.name
        by_name: Mapping[str, str] = dict(zip(read.labels, labels, strict=True))
        found[read.name].add_sample(name, dict(by_name), value)
    yield from found.values()


def _readings(readers: Iterable[Reader]) -> Iterator[Reading]:
    for reader in readers:
        try:
            yield from reader()
        except Exception as error:  # noqa: BLE001 - the database may be away, and the rest is known
            log.warning("metrics_not_read", reader=reader.__qualname__, reason=str(error))
