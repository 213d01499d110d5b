"""The journal keeps what outbox and inbox don't, at the cost of a statement a batch."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from msgspec.structs import replace
from pytest_django import DjangoAssertNumQueries, Settings

from messaging import journal
from messaging.brokers.interface import Broker, Topology
from messaging.consumer import Consumer
from messaging.events import SUBJECT_HEADER, TIME_HEADER
from messaging.models import InboxEvent, JournalEntry, OutboxEvent
from messaging.relay import Relay
from observability.trace import trace
from tests.messaging import handlers
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted, Troubled, Unheard
from tests.messaging.running import PATIENCE, at_work, sent, until_empty, until_entries, write
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def entries(**given: Any) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(**given).order_by("id"))


def test_a_confirmed_event_leaves_the_outbox_for_the_journal(
    broker: Broker, messaging: Topology
) -> None:
    with trace(None) as traceparent:
        [event] = write(Counted(number=1))
    written_at = OutboxEvent.objects.get().created_at
    with at_work(Relay):
        until_empty()
    [entry] = entries()
    assert (entry.step, entry.event_id, entry.source) == ("published", event.id, "/ledger")
    assert (entry.type, entry.subject) == ("ledger.counted", "ledgers/1")
    assert entry.trace_id == traceparent[3:35]
    assert written_at == entry.written_at <= entry.begun_at <= entry.ended_at


def test_a_handled_event_is_in_the_journal_with_its_subject_and_trace(
    broker: Broker, messaging: Topology
) -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    publish(broker, [sent(messaging, Counted(number=1), traceparent=traceparent)])
    with at_work(Consumer):
        until_entries(1)
    [entry] = entries()
    assert (entry.step, entry.source, entry.subject) == ("handled", "/elsewhere", "ledgers/1")
    assert entry.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert entry.written_at <= entry.begun_at <= entry.ended_at
    assert InboxEvent.objects.get().event_id == entry.event_id


def test_each_failure_and_what_is_parked_is_in_the_journal_with_its_reason(
    broker: Broker, messaging: Topology
) -> None:
    handlers.FAILING.add(7)
    publish(broker, [sent(messaging, Troubled(number=7)), sent(messaging, Unheard(number=8))])
    with at_work(Consumer):
        parked = JournalEntry.objects.filter(step="parked")
        wait_until(lambda: parked.count() == 2, patience=PATIENCE, what="both are parked")
    assert [entry.detail for entry in entries(type="ledger.troubled")] == [
        f"attempt {number}: ValueError: number 7 is trouble" for number in (1, 2, 3)
    ]
    assert [entry.step for entry in entries(type="ledger.troubled")] == [
        "failed", "failed", "parked",
    ]  # fmt: skip
    [unheard] = entries(type="ledger.unheard")
    assert unheard.detail == "UnknownEventType: nothing here handles ledger.unheard"


@pytest.mark.parametrize(
    "strange",
    [
        {SUBJECT_HEADER: "x" * 10_000},
        {SUBJECT_HEADER: "\x00\n"},
        {TIME_HEADER: "0001-01-01T00:00:00+14:00"},
        {TIME_HEADER: "9999-12-31T23:59:59-14:00"},
    ],
    ids=["long", "unstorable", "the first day", "the last day"],
)
@pytest.mark.parametrize("broker_url", ["embedded"], indirect=True)
def test_no_subject_or_time_keeps_an_event_from_being_handled(
    broker: Broker, messaging: Topology, strange: dict[str, str]
) -> None:
    message = sent(messaging, Counted(number=1))
    publish(broker, [replace(message, headers={**message.headers, **strange})])
    with at_work(Consumer):
        until_entries(1)
    [entry] = entries()
    assert entry.step == "handled"
    assert len(entry.subject) <= 255


def counted(statements: list[str]) -> Callable[..., Any]:
    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    return count


def test_moving_five_hundred_confirmed_events_is_one_statement() -> None:
    events = write(*[Counted(number=number) for number in range(500)])
    ids, statements = [event.sequence for event in events], list[str]()
    sent = timezone.now()
    batches = [
        journal.Confirmed(some, sent + timedelta(seconds=number), sent + timedelta(minutes=number))
        for number, some in enumerate([ids[:100:2], ids[1:100:2], ids[100:]])
    ]
    with connection.execute_wrapper(counted(statements)):
        journal.move(batches)
    assert len(statements) == (1 if connection.vendor == "postgresql" else 3)  # with its begin
    times = {entry.event_id: (entry.begun_at, entry.ended_at) for entry in entries()}
    assert len(times) == 500
    for event, number in [(0, 0), (1, 1), (99, 1), (98, 0), (100, 2), (499, 2)]:
        begun, ended = times[events[event].id]
        assert begun == sent + timedelta(seconds=number)
        assert ended == sent + timedelta(minutes=number)
    assert not OutboxEvent.objects.exists()


def test_a_batch_of_handled_events_is_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    events = write(*[Counted(number=number) for number in range(250)])
    with django_assert_num_queries(1):
        journal.note_handled(events, timezone.now(), timezone.now())
    assert JournalEntry.objects.count() == 250


def test_an_event_that_is_no_more_in_the_outbox_is_not_entered_again() -> None:
    [event] = write(Counted(number=1))
    for _ in range(2):
        journal.move([journal.Confirmed([event.sequence], timezone.now(), timezone.now())])
    assert JournalEntry.objects.count() == 1


def test_only_the_newest_entries_are_kept(settings: Settings) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "JOURNAL_EVENTS": 30}
    events = write(*[Counted(number=number) for number in range(100)])
    now = datetime(2026, 11, 27, tzinfo=UTC)
    for number, event in enumerate(events):
        journal.note_handled([event], now, now + timedelta(seconds=number))
    assert [journal.prune(30) for _ in range(4)] == [True, True, False, False]
    assert [entry.event_id for entry in entries()] == [event.id for event in events[70:]]


@pytest.mark.parametrize("kind", [Relay, Consumer])
def test_relay_and_consumer_prune_the_journal(
    broker: Broker, messaging: Topology, settings: Settings, kind: type[Relay] | type[Consumer]
) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "JOURNAL_EVENTS": 1}
    for event in write(*[Counted(number=number) for number in range(5)]):
        journal.note_handled([event], timezone.now(), timezone.now())
    with at_work(kind):
        wait_until(
            lambda: JournalEntry.objects.count() <= 1, patience=PATIENCE, what="it is pruned"
        )
