"""An event that the broker refuses is set aside: it holds up its own subject and nobody else."""

import json
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any, ClassVar

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from messaging import outbox, set_aside
from messaging.brokers.interface import Broker, Refusal, Topology
from messaging.events import from_message
from messaging.models import DeadLetter, OutboxEvent
from messaging.relay import Relay
from messaging.set_aside import FIRST_TRY, LAST_TRY, REFUSALS, Refusals, events_set_aside
from tests.messaging.events import Counted
from tests.messaging.running import PATIENCE, at_work, until_empty, write
from tools.children import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("messaging")]


@dataclass(frozen=True)
class About(Counted):
    """An event about one of many ledgers."""

    ledger: int = 1

    @property
    def subject(self) -> str:
        return f"ledgers/{self.ledger}"


@dataclass(frozen=True)
class Homeless(About):
    """Is bound to no queue."""

    type: ClassVar[str] = "homeless.counted"


def until_set_aside(count: int) -> None:
    wait_until(
        lambda: events_set_aside().count() == count, patience=PATIENCE, what=f"{count} set aside"
    )


def until_left(count: int) -> None:
    wait_until(
        lambda: OutboxEvent.objects.count() == count, patience=PATIENCE, what=f"{count} left"
    )


def arrivals(broker: Broker, topology: Topology) -> list[int]:
    """Return the numbers of all that is in the queue, each once, in the order of first arrival."""
    subscriber = broker.subscriber(topology.queue, 500)
    found: list[int] = []
    while batch := subscriber.receive(500, 1):
        subscriber.ack(batch)
        found += [from_message(delivery.message).data["number"] for delivery in batch]
    subscriber.close()
    return list(dict.fromkeys(found))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("outbox", *arguments, stdout=out)
    return out.getvalue()


def status() -> dict[str, Any]:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("messages", "status", "--json", stdout=out)
    assert ended.value.code == 1
    shown: dict[str, Any] = json.loads(out.getvalue())
    return shown


def test_it_waits_and_so_do_later_ones_of_its_subject_and_all_others_go_on(
    broker: Broker, messaging: Topology
) -> None:
    write(
        About(number=1, ledger=1),
        Homeless(number=2, ledger=2),
        About(number=3, ledger=3),
        About(number=4, ledger=2),
        About(number=5, ledger=4),
    )
    with at_work(Relay) as health:
        until_left(2)
        write(About(number=6, ledger=2), About(number=7, ledger=1))
        until_left(3)
        wait_until(
            lambda: health.as_json().get("set_aside") == 1,
            patience=PATIENCE,
            what="its name",
        )
        assert health.ready()
    [event] = events_set_aside()
    assert (event.type, event.key) == (Homeless.type, "ledgers/2")
    assert "NO_ROUTE" in str(event.refusal)
    left = [
        json.loads(data)["number"] for data in OutboxEvent.objects.values_list("data", flat=True)
    ]
    assert sorted(left) == [2, 4, 6]
    assert set(arrivals(broker, messaging)) >= {1, 3, 5, 7}


def test_when_the_broker_takes_it_again_it_goes_first_of_its_subject_without_an_operator(
    broker: Broker, messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_aside, "FIRST_TRY", FIRST_TRY / 20)
    write(Homeless(number=1, ledger=2))
    with at_work(Relay):
        until_set_aside(1)
        write(*[About(number=number, ledger=2) for number in range(2, 10)])
        broker.declare(replace(messaging, bindings=["homeless.#"]))
        until_empty()
    assert arrivals(broker, messaging) == list(range(1, 10))


def test_many_that_are_refused_for_one_reason_are_set_aside_together(
    broker: Broker, messaging: Topology
) -> None:
    numbers = range(0, 1200, 2)
    write(*[Homeless(number=number, ledger=number) for number in numbers])
    write(*[About(number=number + 1, ledger=number + 1) for number in numbers])
    with at_work(Relay):
        until_left(600)
        until_set_aside(600)
    assert sorted(arrivals(broker, messaging)) == list(range(1, 1200, 2))


def test_one_that_can_not_be_written_waits_for_an_operator(
    broker: Broker, broker_url: str, messaging: Topology
) -> None:
    if broker_url.startswith("sqlite"):
        pytest.skip("the embedded broker has names of any length")
    write(About(number=1), About(number=2, ledger=2), About(number=3, ledger=3))
    # More bytes than AMQP has room for, though not more characters than the column.
    OutboxEvent.objects.filter(key="ledgers/2").update(event_id="é" * 150)
    with at_work(Relay):
        until_left(1)
        until_set_aside(1)
    [event] = events_set_aside()
    assert "can't be written" in str(event.refusal)
    assert event.try_again_at is None
    assert arrivals(broker, messaging) == [1, 3]


def test_a_fault_of_the_connection_is_no_refusal(broker: Broker) -> None:
    row = outbox.OutboxRow(1, "1", "ledger.counted", "ledgers/1", "{}", "", "2026-11-27T00:00:00Z")
    refusals = Refusals()
    for _ in range(REFUSALS * 2):
        refusals.add([row], {})
    assert not refusals.set_aside()


def test_it_is_tried_more_seldom_the_longer_it_is_refused() -> None:
    write(Counted(number=1))
    row = OutboxEvent.objects.get()
    now = timezone.now()

    def next_try(age: Any) -> float:
        OutboxEvent.objects.update(set_aside_at=now - age)
        set_aside._set_aside({row.pk: Refusal("no")})
        again = OutboxEvent.objects.get().try_again_at
        assert again is not None
        return (again - now).total_seconds()

    waits = [next_try(age) for age in (FIRST_TRY, FIRST_TRY * 40, LAST_TRY * 100)]
    assert [round(wait, -1) for wait in waits] == [20, 80, 600]


@pytest.fixture
def aside() -> list[OutboxEvent]:
    """Two events set aside, and one behind the first."""
    write(Counted(number=1), Counted(number=2), Homeless(number=3, ledger=7))
    first, _, other = OutboxEvent.objects.order_by("id")
    set_aside._set_aside(
        {
            first.pk: Refusal("406 too large \x1b[2J", lasting=True),
            other.pk: Refusal("312 NO_ROUTE"),
        }
    )
    return list(events_set_aside())


def test_status_names_them_and_counts_none_of_them_as_late(aside: list[OutboxEvent]) -> None:
    OutboxEvent.objects.update(created_at=timezone.now() - LAST_TRY)
    shown = status()
    assert (shown["outbox_events"], shown["set_aside"]) == (3, 2)
    assert shown["outbox_oldest_seconds"] is None
    assert any("2 events are set aside" in problem for problem in shown["problems"])


def test_an_operator_lists_and_shows_them(aside: list[OutboxEvent]) -> None:
    listed = json.loads(run("list", "--json"))
    assert [item["id"] for item in listed["items"]] == [event.pk for event in aside]
    assert listed["next_after"] is None
    assert json.loads(run("list", "--limit", "1", "--json"))["next_after"] == aside[0].pk
    assert [len(json.loads(run("list", "--type", name, "--json"))["items"])
            for name in (Counted.type, "other")] == [1, 0]  # fmt: skip
    shown = json.loads(run("show", str(aside[0].pk), "--json"))
    assert (shown["behind"], shown["reason"]) == (1, "406 too large \x1b[2J")
    assert "\x1b" not in run("list") + run("show", str(aside[0].pk))
    with pytest.raises(CommandError, match="no event 0"):
        run("show", "0")


def test_what_an_operator_sends_again_is_published_with_what_waits_behind_it(
    broker: Broker, messaging: Topology, aside: list[OutboxEvent]
) -> None:
    assert "1 would be sent again" in run("send", str(aside[0].pk), "--dry-run")
    with at_work(Relay):
        run("send", str(aside[0].pk))
        until_left(1)
    assert arrivals(broker, messaging) == [1, 2]


def test_what_an_operator_discards_is_kept_on_record_and_lets_the_others_go_on(
    broker: Broker,
    messaging: Topology,
    aside: list[OutboxEvent],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("builtins.input", lambda question: "no")
    with pytest.raises(CommandError, match="Nothing was discarded"):
        run("discard", str(aside[0].pk))
    monkeypatch.setattr("builtins.input", lambda question: "yes")
    with at_work(Relay):
        assert "1 discarded" in run("discard", str(aside[0].pk))
        until_left(1)
    assert arrivals(broker, messaging) == [2]
    letter = DeadLetter.objects.get()
    assert (letter.reason, letter.state) == ("refused", "discarded")
    assert json.loads(bytes(letter.body)) == {"number": 1, "note": ""}
    assert "406 too large" in letter.error


@pytest.mark.parametrize("action", ["send", "discard"])
def test_nothing_is_done_without_saying_which(action: str) -> None:
    with pytest.raises(CommandError, match="Say which"):
        run(action)


def test_one_that_was_published_meanwhile_is_not_discarded(aside: list[OutboxEvent]) -> None:
    OutboxEvent.objects.filter(pk=aside[0].pk).delete()
    assert set_aside.discard(aside[:1]) == []
    assert not DeadLetter.objects.exists()


def test_what_an_older_release_writes_beside_it_is_published(
    broker: Broker, messaging: Topology
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_outbox (event_id, type, key, data, traceparent, created_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            ["1", Counted.type, "ledgers/1", '{"number": 1}', "", timezone.now()],
        )
    with at_work(Relay):
        until_empty()
    assert arrivals(broker, messaging) == [1]


def test_many_that_are_set_aside_cost_a_look_into_the_index_each() -> None:
    """Whatever PostgreSQL's statistics say: those of a time when none was make it plan a join."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite goes by no statistics here")
    write(*[About(number=number, ledger=number) for number in range(600)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE messaging_outbox")
        OutboxEvent.objects.filter(key__lt="ledgers/4").update(set_aside_at=timezone.now())
        cursor.execute(
            f"EXPLAIN SELECT id FROM messaging_outbox WHERE {outbox.FREE} ORDER BY id LIMIT 500",  # noqa: S608
            outbox.free_at(timezone.now()),
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Join" not in plan
    assert "Index Cond: (((key)::text = (messaging_outbox.key)::text)" in plan
