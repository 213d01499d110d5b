"""The outbox: row and event commit together, or not at all."""

import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.db.utils import ConnectionHandler
from django.utils import timezone
from django.utils.safestring import SafeString

from messaging import journal, outbox
from messaging.errors import InvalidEvent, OutsideTransaction
from messaging.events import MAX_DATA_BYTES, SEQUENCE_HEADER, SOURCE_HEADER, Payload, from_message
from messaging.models import OutboxEvent
from observability.trace import trace, trace_id
from tests.messaging.events import Counted
from tests.messaging.ledger.models import Entry
from tests.messaging.running import write


def publish_by_hand(ids: list[int]) -> None:
    """Take events for confirmed."""
    journal.move([journal.Confirmed(ids, timezone.now(), timezone.now())])


@dataclass(frozen=True)
class Anything(Payload):
    """Has no schema."""

    type: ClassVar[str] = "ledger.anything"
    value: Any

    @property
    def subject(self) -> str:
        return "ledgers/1"


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused_and_writes_nothing() -> None:
    with pytest.raises(OutsideTransaction, match=r"ledger\.counted"):
        outbox.publish_selected(Counted, "SELECT 1 AS number, '' AS note", "'ledgers/1'", [])
    with pytest.raises(OutsideTransaction, match=r"ledger\.counted"):
        outbox.publish(Counted(number=1))
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_leaves_neither_row_nor_event() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Entry.objects.create(event_id="1", type="t", number=1)
        outbox.publish(Counted(number=1))
        raise ZeroDivisionError
    assert not OutboxEvent.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_savepoint_takes_its_events_with_it() -> None:
    with transaction.atomic():
        outbox.publish(Counted(number=1))
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            outbox.publish(Counted(number=2))
            raise ZeroDivisionError
        outbox.publish(Counted(number=3))
    assert [row.data for row in outbox.unsent(10)] == [
        '{"number":1,"note":""}',
        '{"number":3,"note":""}',
    ]


@pytest.mark.django_db
def test_the_event_answered_is_the_event_stored() -> None:
    with trace(None) as traceparent:
        [event] = write(Counted(number=5))
    [row] = outbox.unsent(10)
    assert (row.id, row.event_id, row.type, row.key) == (
        event.sequence, event.id, "ledger.counted", "ledgers/1",
    )  # fmt: skip
    assert trace_id(row.traceparent) == trace_id(traceparent)
    [message] = outbox.messages_of([row])
    assert message.headers[SOURCE_HEADER] == "/ledger"
    assert message.headers[SEQUENCE_HEADER] == str(row.id)
    assert message.body == b'{"number":5,"note":""}'


@pytest.mark.django_db
def test_events_of_selected_rows_are_those_that_publish_would_write() -> None:
    for number in (3, 4):
        Entry.objects.create(event_id=f"an 'event' {number}", type="", number=number)
    rows = "SELECT number, event_id AS note FROM ledger_entry WHERE number > %s ORDER BY number"
    with trace(None), transaction.atomic():
        outbox.publish_selected(Counted, rows, "'ledgers/' || 1", [0])
        outbox.publish_all([Counted(number, f"an 'event' {number}") for number in (3, 4)])
        outbox.publish_selected(Counted, rows, "'ledgers/' || 1", [4])
    selected, written = (found := outbox.unsent(10))[:2], found[2:]
    events = [from_message(message) for message in outbox.messages_of(found)]
    assert [event.data for event in events[:2]] == [event.data for event in events[2:]]
    assert [(row.type, row.key, row.traceparent) for row in selected] == [
        (row.type, row.key, row.traceparent) for row in written
    ]
    assert len({uuid.UUID(event.id) for event in events}) == 4
    assert all(abs(event.time - events[2].time).total_seconds() < 60 for event in events)


@pytest.mark.django_db
def test_sqlite_makes_ids_of_events_whichever_engine_opens_it() -> None:
    entry = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    alone = ConnectionHandler({"default": entry})["default"]
    with alone.cursor() as cursor:
        found = cursor.execute("SELECT gen_random_uuid(), gen_random_uuid()").fetchone()
    alone.close()
    assert len({uuid.UUID(each) for each in found}) == 2


@pytest.mark.django_db
def test_sequences_grow_and_are_never_used_again() -> None:
    first, second = write(Counted(number=1), Counted(number=2))
    publish_by_hand([first.sequence, second.sequence])
    [third] = write(Counted(number=3))
    assert first.sequence < second.sequence < third.sequence


@pytest.mark.django_db
@pytest.mark.parametrize(
    "payload",
    [
        Counted(number=-1),
        Counted(number="1"),  # type: ignore[arg-type]
        Anything("a\x00b"),
        Anything({"deep": ["\x00"]}),
        Anything(SafeString("a\x00b")),
        Anything("\ud83d"),
        Anything(2**63),
        Anything(10**40),
        Anything(object()),
        Anything("x" * MAX_DATA_BYTES),
    ],
    ids=[
        "schema",
        "wrong type",
        "NUL",
        "deep NUL",
        "safe NUL",
        "surrogate",
        "2^63",
        "10^40",
        "object",
        "big",
    ],
)
def test_data_that_cannot_be_handled_is_refused_when_published(payload: Payload) -> None:
    with pytest.raises(InvalidEvent), transaction.atomic():
        outbox.publish(payload)
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_reading_leaves_out_what_is_on_its_way() -> None:
    events = write(*[Counted(number=number) for number in range(5)])
    on_the_way = [events[0].sequence, events[2].sequence]
    assert [row.id for row in outbox.unsent(2, besides=on_the_way)] == [
        events[1].sequence,
        events[3].sequence,
    ]


@pytest.mark.django_db
def test_what_is_confirmed_is_gone_and_read_no_more() -> None:
    events = write(*[Counted(number=number) for number in range(12)])
    ids = [event.sequence for event in events]
    publish_by_hand([*ids[:2], ids[11]])
    found = outbox.unsent(100, besides=ids[2:4])
    assert [row.id for row in found] == ids[4:11]
    assert list(OutboxEvent.objects.order_by("id").values_list("id", flat=True)) == ids[2:11]
    publish_by_hand(ids[2:11])
    assert outbox.unsent(100) == []
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_a_row_is_read_with_the_time_of_its_event() -> None:
    write(Counted(number=1))
    [message] = outbox.messages_of(outbox.unsent(1))
    assert from_message(message).time == OutboxEvent.objects.get().created_at
