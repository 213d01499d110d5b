"""The consumer: each event takes effect once, whatever fails, and holds up no other."""

import os
import signal
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import OperationalError
from msgspec.structs import replace

from messaging.brokers import Broker
from messaging.brokers.interface import Topology
from messaging.consumer import Consumer
from messaging.events import ID_HEADER, PREFIX, SPECVERSION_HEADER, TRACEPARENT_HEADER, Event
from messaging.models import DeadLetter, InboxEvent, OutboxEvent
from tests.messaging import handlers
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted, Troubled, Unheard
from tests.messaging.ledger.models import Entry
from tests.messaging.running import (
    PATIENCE,
    at_work,
    numbers_entered,
    process,
    sent,
    until_drained,
    until_entries,
)
from tools.children import wait_until
from tools.ports import free_port, why_not

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("messaging")]


def until_parked(count: int = 1) -> None:
    """Wait until so many messages are dead letters."""
    wait_until(
        lambda: DeadLetter.objects.count() >= count, patience=PATIENCE, what=f"{count} dead letters"
    )


def test_events_take_effect_in_order(broker: Broker, messaging: Topology) -> None:
    publish(broker, [sent(messaging, Counted(number=number)) for number in range(600)])
    with at_work(Consumer) as health:
        until_entries(600)
        wait_until(
            lambda: health.as_json()["counts"]["handled"] == 600, patience=PATIENCE, what="counts"
        )
        assert health.ready()
    assert numbers_entered() == list(range(600))
    assert InboxEvent.objects.count() == 600


def test_an_event_delivered_many_times_takes_effect_once(
    broker: Broker, messaging: Topology
) -> None:
    events = [sent(messaging, Counted(number=number)) for number in range(20)]
    publish(broker, [*events, *events, *reversed(events)])
    with at_work(Consumer):
        until_entries(20)
        publish(broker, [*events, sent(messaging, Counted(number=99))])
        until_entries(21)
    assert sorted(numbers_entered()) == [*range(20), 99]


def test_a_message_that_always_fails_is_tried_with_pauses_then_parked_and_holds_up_no_other(
    broker: Broker, messaging: Topology
) -> None:
    bad = sent(messaging, Troubled(number=1000, note="always fail"))
    good = [sent(messaging, Counted(number=number)) for number in range(100)]
    publish(broker, [*good[:50], bad, *good[50:]])
    with at_work(Consumer) as health:
        until_entries(100)
        until_parked()
    letter = DeadLetter.objects.get()
    assert (letter.reason, letter.attempts) == ("failed", 3)
    assert letter.body == bad.body
    assert letter.headers[ID_HEADER] == bad.headers[ID_HEADER]
    assert "number 1000 is trouble" in letter.error
    assert "trouble" in letter.traceback
    assert "messaging_attempts" not in letter.headers
    assert health.as_json()["counts"]["retried"] == 2
    assert sorted(numbers_entered()) == list(range(100))
    assert InboxEvent.objects.count() == 100


def test_a_message_that_fails_once_takes_effect_at_its_second_attempt(
    broker: Broker, messaging: Topology
) -> None:
    handlers.FAILING.add(7)
    publish(broker, [sent(messaging, Troubled(number=7))])
    with at_work(Consumer) as health:
        wait_until(
            lambda: health.as_json()["counts"].get("retried") == 1, patience=PATIENCE, what="retry"
        )
        handlers.FAILING.clear()
        until_entries(1)
    assert not DeadLetter.objects.exists()


def test_a_follow_up_event_of_a_failed_attempt_is_not_published(
    broker: Broker, messaging: Topology
) -> None:
    handlers.FAILING.add(7)
    publish(broker, [sent(messaging, Troubled(number=7, note="chain"))])
    with at_work(Consumer) as health:
        wait_until(
            lambda: health.as_json()["counts"].get("retried") == 1, patience=PATIENCE, what="retry"
        )
        assert not OutboxEvent.objects.exists()
        assert not Entry.objects.exists()
        handlers.FAILING.clear()
        until_entries(1)
    assert OutboxEvent.objects.count() == 1


def test_an_event_that_nobody_here_handles_is_parked_at_once(
    broker: Broker, messaging: Topology
) -> None:
    unheard = [sent(messaging, Unheard(number=number)) for number in range(3)]
    publish(broker, [*unheard, sent(messaging, Counted(number=1))])
    with at_work(Consumer):
        until_entries(1)
        until_parked(3)
    assert set(DeadLetter.objects.values_list("reason", "type", "attempts")) == {
        ("unknown_type", "ledger.unheard", 0)
    }


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"body": b""}, "not JSON"),
        ({"body": b"{"}, "not JSON"),
        ({"body": b"[1]"}, "not a JSON object"),
        ({"body": b"\xff\xfe"}, "not JSON"),
        ({"body": b'{"number": "1"}'}, "number"),
        ({"body": b"{}"}, "number"),
        ({"body": b'{"number": 1, "note": "\\ud83d"}'}, "JSON"),
        ({"body": b'{"number": 1, "note": "a\\u0000b"}'}, "NUL"),
        ({"body": b'{"number": 1, "more": 1e999}'}, ""),
        ({"body": b"x" * 1_000_000}, "not JSON"),
        ({"body": b'{"number": 1, "more": %b}' % (b"[" * 1020 + b"]" * 1020)}, "nested"),
        ({"headers": {}}, "specversion"),
        ({"headers": {SPECVERSION_HEADER: "2.0"}}, "specversion"),
        ({"headers": {SPECVERSION_HEADER: "1.0"}}, "attribute"),
        ({"content_type": "application/xml"}, "content type"),
        ({"headers": {SPECVERSION_HEADER: "1.0", "\x00": "\x00"}}, "attribute"),
    ],
)
def test_a_message_that_is_no_event_is_parked_as_it_came_and_the_next_is_handled(
    broker: Broker, messaging: Topology, change: dict[str, Any], error: str
) -> None:
    broken = replace(sent(messaging, Counted(number=1)), **change)
    publish(broker, [broken, sent(messaging, Counted(number=2))])
    with at_work(Consumer):
        until_parked()
        until_entries(1)
    letter = DeadLetter.objects.get()
    assert (letter.reason, letter.body) == ("invalid", broken.body)
    assert error in letter.error
    assert numbers_entered() == [2]


def test_fields_and_attributes_that_this_release_does_not_know_are_no_obstacle(
    broker: Broker, messaging: Topology
) -> None:
    newer = sent(messaging, Counted(number=1))
    newer = replace(
        newer,
        body=b'{"number": 1, "mood": {"new": [1, 2]}}',
        headers={**newer.headers, f"{PREFIX}newer": "yes", TRACEPARENT_HEADER: "junk"},
    )
    older_headers = dict(newer.headers)
    for name in ("sequence", "dataschema", "subject", "time", "traceparent"):
        older_headers.pop(f"{PREFIX}{name}", None)
    older_headers[ID_HEADER] = "older"
    older = replace(newer, body=b'{"number": 2}', headers=older_headers)
    publish(broker, [newer, older])
    with at_work(Consumer):
        until_entries(2)
    assert numbers_entered() == [1, 2]
    assert not DeadLetter.objects.exists()


def test_the_same_broken_message_parked_twice_is_one_dead_letter(
    broker: Broker, messaging: Topology
) -> None:
    broken = replace(sent(messaging, Counted(number=1)), body=b"{")
    publish(broker, [broken, broken, sent(messaging, Counted(number=2))])
    with at_work(Consumer):
        until_entries(1)
    assert DeadLetter.objects.count() == 1


def test_a_fault_of_the_database_pauses_and_counts_as_no_attempt(
    broker: Broker, messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def faulty(events: Sequence[Event]) -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise OperationalError("server closed the connection unexpectedly")
        handlers.count(events)

    monkeypatch.setitem(handlers.HANDLERS, Counted.type, faulty)
    publish(broker, [sent(messaging, Counted(number=1))])
    with at_work(Consumer) as health:
        until_entries(1)
        assert "retried" not in health.as_json()["counts"]
    assert tries == 4
    assert not DeadLetter.objects.exists()


def test_a_message_that_kills_its_process_is_parked_alone_and_its_neighbours_take_effect(
    broker: Broker, messaging: Topology
) -> None:
    deadly = sent(messaging, Counted(number=7, note="deadly"))
    others = [sent(messaging, Counted(number=number)) for number in range(50)]
    publish(broker, [*others[:20], deadly, *others[20:]])
    for _ in range(messaging.delivery_limit + 1):
        with process("consume", fault="before_handling:kill:1@deadly") as killed:
            assert killed.wait(PATIENCE) == -signal.SIGKILL
    with at_work(Consumer):
        until_entries(50)
        until_parked()
    letter = DeadLetter.objects.get()
    assert (letter.reason, letter.body) == ("delivery_limit", deadly.body)
    assert sorted(numbers_entered()) == list(range(50))


@pytest.mark.parametrize("busy", [False, True])
def test_a_consumer_that_is_told_to_stop_ends_with_exit_code_0(
    broker: Broker, messaging: Topology, busy: bool
) -> None:
    publish(broker, [sent(messaging, Counted(number=number)) for number in range(3000)])
    with process("consume") as consumer:
        until_entries(1 if busy else 3000)
        consumer.send_signal(signal.SIGTERM)
        assert consumer.wait(PATIENCE) == 0
    with at_work(Consumer):
        until_entries(3000)
        until_drained(broker, messaging)
    assert sorted(numbers_entered()) == list(range(3000))


@pytest.mark.parametrize("command", ["consume", "relay"])
def test_a_process_that_is_told_to_stop_again_and_again_ends(
    broker: Broker, messaging: Topology, command: str
) -> None:
    """As when its supervisor, its terminal and its dying parent all send it at once."""
    port = free_port()
    with process(command, "--health", f"127.0.0.1:{port}") as stopped:
        wait_until(lambda: why_not(port) == "taken", patience=PATIENCE, what="it is up")
        for _ in range(1000):
            stopped.send_signal(signal.SIGTERM)
        assert stopped.wait(PATIENCE) == 0


def test_two_consumers_handle_each_event_once(broker: Broker, messaging: Topology) -> None:
    publish(broker, [sent(messaging, Counted(number=number)) for number in range(500)])
    with at_work(Consumer), at_work(Consumer), at_work(Consumer):
        until_entries(500)
        publish(broker, [sent(messaging, Counted(number=number)) for number in range(500, 900)])
        until_entries(900)
    assert sorted(numbers_entered()) == list(range(900))


def test_the_handler_works_in_the_trace_of_the_event(broker: Broker, messaging: Topology) -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    publish(broker, [sent(messaging, Counted(number=1), traceparent=traceparent)])
    with at_work(Consumer):
        until_entries(1)
    assert Entry.objects.get().trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_no_fault_point_is_armed_in_production() -> None:
    assert "FAULT_POINT" not in os.environ
