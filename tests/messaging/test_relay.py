"""The relay: what is in the outbox reaches the broker, in order, and is then gone."""

import dataclasses
import signal
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection, connections, transaction
from pytest_django import Settings

from messaging import outbox
from messaging.brokers import Broker
from messaging.brokers.interface import Topology
from messaging.events import Message, from_message
from messaging.models import OutboxEvent
from messaging.relay import BATCHES_IN_FLIGHT, Relay
from tests.messaging.conformance.messages import receive_and_ack
from tests.messaging.events import Counted, Elsewhere
from tests.messaging.running import PATIENCE, at_work, process, until_empty, write
from tools.children import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("messaging")]


def arrivals(broker: Broker, topology: Topology, count: int) -> list[int]:
    """Return the numbers of what is in the queue, in its order."""
    subscriber = broker.subscriber(topology.queue, 500)
    deliveries = receive_and_ack(subscriber, count)
    subscriber.close()
    return [from_message(delivery.message).data["number"] for delivery in deliveries]


def test_events_reach_the_queue_in_order_and_leave_the_outbox(
    broker: Broker, messaging: Topology
) -> None:
    write(*[Counted(number=number) for number in range(2600)])
    with at_work(Relay) as health:
        until_empty()
        write(*[Counted(number=number) for number in range(2600, 2620)])
        until_empty()
    assert arrivals(broker, messaging, 2620) == list(range(2620))
    assert health.as_json()["counts"]["published"] == 2620


def test_nothing_is_published_before_its_commit_nor_after_a_rollback(
    broker: Broker, messaging: Topology
) -> None:
    with at_work(Relay):
        write(Counted(number=1))
        until_empty()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            outbox.publish(Counted(number=2))
            assert broker.queue_state(messaging.queue).ready <= 1
            raise ZeroDivisionError
        write(Counted(number=3))
        until_empty()
    assert arrivals(broker, messaging, 2) == [1, 3]
    assert broker.queue_state(messaging.queue).ready == 0


def test_an_event_that_no_queue_takes_stays_and_so_do_those_behind_it_of_its_subject(
    broker: Broker, messaging: Topology
) -> None:
    write(Counted(number=1), Elsewhere(number=2), Counted(number=3))
    with at_work(Relay) as health:
        wait_until(
            lambda: health.as_json().get("set_aside") == 1, patience=PATIENCE, what="set aside"
        )
        assert OutboxEvent.objects.count() == 2
        OutboxEvent.objects.filter(type="elsewhere.counted").delete()
        until_empty()
    # 3 may have come twice: it was behind the one that was returned, and is sent again.
    assert dict.fromkeys(arrivals_of_all(broker, messaging)) == {1: None, 3: None}


def test_two_relays_take_turns_and_keep_the_order(broker: Broker, messaging: Topology) -> None:
    with at_work(Relay) as first, at_work(Relay) as second:
        for start in range(0, 200, 20):
            write(*[Counted(number=number) for number in range(start, start + 20)])
        until_empty()
        statuses = {health.as_json()["status"] for health in (first, second)}
        assert statuses == {"active", "standby"}
    assert arrivals(broker, messaging, 200) == list(range(200))


def test_a_standby_takes_over_when_the_active_relay_is_killed(
    broker: Broker, messaging: Topology
) -> None:
    with process("relay") as first:
        write(Counted(number=1))
        until_empty()
        with at_work(Relay) as standby:
            wait_until(
                lambda: standby.as_json()["status"] == "standby", patience=PATIENCE, what="standby"
            )
            first.kill()
            write(Counted(number=2))
            until_empty()
    assert arrivals(broker, messaging, 2) == [1, 2]


@pytest.mark.parametrize(
    "fault",
    ["before_publish:kill:2", "after_publish:kill:2", "after_confirm:kill:2"],
)
def test_a_relay_killed_at_any_point_loses_nothing(
    broker: Broker, messaging: Topology, fault: str
) -> None:
    write(Counted(number=0))
    with process("relay", fault=fault) as killed:
        until_empty()
        write(*[Counted(number=number) for number in range(1, 50)])
        assert killed.wait(PATIENCE) == -signal.SIGKILL
    with at_work(Relay):
        until_empty()
    arrived = arrivals_of_all(broker, messaging)
    assert set(arrived) == set(range(50))
    # What was sent twice was sent as a run, so each number's last arrival is in order.
    assert arrived[-49:] == list(range(1, 50))


def test_a_stopping_relay_ends_with_exit_code_0_and_what_it_sent_is_gone(
    broker: Broker, messaging: Topology
) -> None:
    with process("relay") as relay:
        write(*[Counted(number=number) for number in range(3000)])
        wait_until(
            lambda: OutboxEvent.objects.count() < 3000, patience=PATIENCE, what="a first batch"
        )
        relay.send_signal(signal.SIGTERM)
        assert relay.wait(PATIENCE) == 0
        left = OutboxEvent.objects.count()
    assert sorted(set(arrivals_of_all(broker, messaging))) == list(range(3000 - left))


def test_rows_that_commit_late_with_smaller_ids_are_published_too(
    broker: Broker, messaging: Topology
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: ids commit in order")
    written, go = threading.Event(), threading.Event()

    def hold_open() -> None:
        try:
            with transaction.atomic():
                outbox.publish(Counted(number=1))
                written.set()
                go.wait(PATIENCE)
        finally:
            connections.close_all()

    late = threading.Thread(target=hold_open)
    with at_work(Relay):
        late.start()
        written.wait(PATIENCE)
        write(Counted(number=2))
        until_empty()
        go.set()
        late.join()
        until_empty()
    assert arrivals(broker, messaging, 2) == [2, 1]


def test_after_a_refusal_in_mid_window_all_behind_it_is_sent_again_in_order(
    broker: Broker, messaging: Topology
) -> None:
    before = [Counted(number=number) for number in range(600)]
    behind = [Counted(number=number) for number in range(601, 2000)]
    write(*before, Elsewhere(number=600), *behind)
    with at_work(Relay) as health:
        wait_until(
            lambda: health.as_json()["status"] == "retrying", patience=PATIENCE, what="a refusal"
        )
        broker.declare(dataclasses.replace(messaging, bindings=["elsewhere.#"]))
        until_empty()
    arrived = arrivals_of_all(broker, messaging)
    assert arrived[:600] == list(range(600))
    assert arrived[-1400:] == list(range(600, 2000))


def test_only_a_few_batches_are_on_their_way_at_once(
    settings: Settings, broker: Broker, messaging: Topology
) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "RELAY_BATCH": 10}
    write(*[Counted(number=number) for number in range(100)])
    silent = SilentBroker(broker)
    with at_work(Relay, silent):
        wait_until(silent.asked.is_set, patience=PATIENCE, what="it waits for a confirm")
        batches = silent.batches
    assert batches == BATCHES_IN_FLIGHT
    assert OutboxEvent.objects.count() == 100


def test_statements_per_event_are_few(
    messaging: Topology, django_assert_max_num_queries: Callable[..., object]
) -> None:
    write(*[Counted(number=number) for number in range(2000)])
    statements: list[str] = []

    def counting(execute: Callable[..., object], sql: str, *rest: object) -> object:
        statements.append(sql)
        return execute(sql, *rest)

    class Counting(Relay):
        def run(self) -> None:
            with connection.execute_wrapper(counting):
                super().run()

    with at_work(Counting):
        until_empty()
    published = [sql for sql in statements if "messaging_outbox" in sql]
    assert len(published) <= 2000 * 0.05


def test_the_log_tells_of_each_published_event_once(
    messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, Any]] = []

    class Log:
        def info(self, event: str, **given: Any) -> None:
            if event == "events_published":
                lines.append(given)

    monkeypatch.setattr("messaging.relay.log", Log())
    written: list[str] = []
    with at_work(Relay):
        for number in range(5):
            written += [event.id for event in write(Counted(number=number))]
            until_empty()
    assert [event_id for line in lines for event_id in line["event_ids"]] == written
    assert sum(line["count"] for line in lines) == len(written)


def arrivals_of_all(broker: Broker, topology: Topology) -> list[int]:
    """Return the numbers of all that is in the queue, however much it is."""
    subscriber = broker.subscriber(topology.queue, 500)
    found: list[int] = []
    while batch := subscriber.receive(500, 1):
        subscriber.ack(batch)
        found += [from_message(delivery.message).data["number"] for delivery in batch]
    subscriber.close()
    return found


class SilentBroker:
    """A broker that confirms nothing, and counts what it is sent: none does so when asked to."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.batches = 0
        self.asked = threading.Event()

    def publisher(self) -> "SilentBroker":
        return self

    def open(self) -> None: ...

    def send(self, messages: Sequence[Message]) -> "SilentBroker":
        self.batches += 1
        return self

    def wait(self, timeout: float) -> None:
        self.asked.set()

    def blocked(self) -> None: ...

    def close(self) -> None: ...

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)
