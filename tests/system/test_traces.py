"""One trace from the GraphQL operation to the consumer's commit, as a collector receives it."""

import secrets
from collections.abc import Iterator

import pytest

from tests.system.clients import User
from tests.system.collector import Collector, Received, collecting
from tests.system.stack import PATIENCE, Stack, running
from tools.children import wait_until


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def stack(collector: Collector) -> Iterator[Stack]:
    """The product, which sends all spans to the collector."""
    with running(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_TRACES_SAMPLER_ARG="1") as stack:
        yield stack


def traced(user: User) -> str:
    """Have a user's next requests belong to a trace of its own, and return its id."""
    trace = secrets.token_hex(16)
    user.session.headers["traceparent"] = f"00-{trace}-{secrets.token_hex(8)}-01"
    return trace


def handled(collector: Collector, trace: str, event: str) -> Received | None:
    return next((s for s in collector.spans(trace) if s.name == f"process {event}"), None)


def line_of(collector: Collector, span: Received) -> list[str]:
    """Return the names of the spans from the root to this one."""
    spans = {each.id: each for each in collector.spans(span.trace)}
    names = [f"{span.service}: {span.name}"]
    while span.parent in spans:
        span = spans[span.parent]
        names.insert(0, f"{span.service}: {span.name}")
    return names


def test_a_write_is_one_tree_to_the_consumers_commit_though_the_relay_is_killed(
    stack: Stack, collector: Collector
) -> None:
    user = stack.user()
    stack.supervisor.hold("quotes-relay")
    trace = traced(user)
    user.create("To be traced.")
    stack.supervisor.release("quotes-relay")
    names = ("send quotes.quote.created", "process quotes.quote.created", "INSERT")
    wait_until(
        lambda: {*names} <= {span.name for span in collector.spans(trace)},
        patience=PATIENCE,
        what="the spans of the relay and the consumer have come",
    )
    spans = {span.name: span for span in collector.spans(trace)}
    created = [
        "gateway: POST /graphql",
        "gateway: mutation",
        "gateway: POST quotes",
        "quotes: POST /quotes",
        "quotes: create quotes.quote.created",
    ]
    assert line_of(collector, spans["send quotes.quote.created"]) == [
        *created, "quotes: send quotes.quote.created",
    ]  # fmt: skip
    process = spans["process quotes.quote.created"]
    assert line_of(collector, process) == [*created, "likes: process quotes.quote.created"]
    known = {span.id for span in collector.spans(trace)}
    roots = [span.name for span in collector.spans(trace) if span.parent not in known]
    assert roots == ["POST /graphql"]
    statements = [span for span in collector.spans(trace) if span.name == "INSERT"]
    assert {line_of(collector, span)[3:4][0] for span in statements} >= {"quotes: POST /quotes"}
    handling = next(span for span in collector.spans(trace) if span.parent == process.id)
    assert handling.name == "handle quotes.quote.created"
    assert process.started <= handling.started <= handling.ended <= process.ended


def test_a_batch_is_linked_to_each_of_its_messages(stack: Stack, collector: Collector) -> None:
    user = stack.user()
    stack.supervisor.hold("likes-consumer")
    traces = []
    for number in range(3):
        traces.append(traced(user))
        user.create(f"To be batched, {number}.")
    stack.supervisor.release("likes-consumer")
    event = "quotes.quote.created"
    wait_until(
        lambda: all(handled(collector, trace, event) for trace in traces),
        patience=PATIENCE,
        what="all are handled",
    )
    own = {span.id for trace in traces if (span := handled(collector, trace, event))}
    linked = [set(span.links) for span in collector.spans() if span.name == f"handle {event}"]
    # One batch, or more where one was taken before the others had come.
    assert own <= set().union(*linked) | {
        span.parent for span in collector.spans() if span.name == f"handle {event}"
    }


def test_a_trace_that_its_caller_does_not_sample_is_not_recorded(
    stack: Stack, collector: Collector
) -> None:
    user = stack.user()
    trace = secrets.token_hex(16)
    user.session.headers["traceparent"] = f"00-{trace}-{secrets.token_hex(8)}-00"
    user.create("Not to be traced.")
    recorded = traced(user)
    user.create("To be traced after it.")
    wait_until(
        lambda: handled(collector, recorded, "quotes.quote.created") is not None,
        patience=PATIENCE,
        what="the later one has come",
    )
    assert collector.spans(trace) == []


def test_no_span_has_what_a_user_wrote(stack: Stack, collector: Collector) -> None:
    user = stack.user()
    trace = traced(user)
    user.create("Words of a user.")
    user.ask('{ quotes(search: "secretword") { nodes { id } } }')
    wait_until(
        lambda: handled(collector, trace, "quotes.quote.created") is not None,
        patience=PATIENCE,
        what="it is handled",
    )
    said = str(collector.spans())
    for word in ("Words of a user", "secretword", user.token):
        assert word not in said
