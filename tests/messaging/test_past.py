"""A database is in the past when others have heard of newer events than it has given."""

import json
from collections.abc import Sequence
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models import Model
from pytest_django import Settings

from database.sequences import last_given
from messaging import heard, past
from messaging.brokers.interface import Broker, Topology
from messaging.consumer import Consumer
from messaging.events import Event
from messaging.models import OutboxEvent, UnfinishedRestore
from messaging.past import LEAP, Watch, finishing_restore, is_past
from tests.messaging import handlers
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted
from tests.messaging.ledger.models import Entry
from tests.messaging.running import PATIENCE, at_work, sent, until_entries, write
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
_heard: list[int | None] = [None]


def heard_by_others() -> int | None:
    """What the other side of these tests has heard."""
    return _heard[0]


@pytest.fixture(autouse=True)
def _somebody_to_ask(_nobody_to_ask: None, settings: Settings) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "HEARD_BY_OTHERS": f"{__name__}.heard_by_others"}
    _heard[0] = None


def others_have_heard(sequence: int | None) -> None:
    _heard[0] = sequence


def event(sequence: int, source: str = "/other") -> Event:
    return Event(type="ledger.counted", source=source, subject="n", data={}, sequence=sequence)


def test_the_greatest_sequence_of_each_source_is_kept_whatever_comes_later() -> None:
    heard.note([event(7), event(9), event(8), event(3, "/third")])
    heard.note([event(2)])
    assert (heard.heard_of("/other"), heard.heard_of("/third"), heard.heard_of("/none")) == (
        9,
        3,
        0,
    )


def test_what_a_consumer_handles_is_heard(broker: Broker, messaging: Topology) -> None:
    others_have_heard(0)
    publish(broker, [sent(messaging, Counted(number=1))])
    with at_work(Consumer):
        until_entries(1)
    assert heard.heard_of("/elsewhere") == 1


def test_a_sequence_that_none_of_ours_can_have_is_not_noted() -> None:
    heard.note([event(2**62), event(4)])
    heard.note([event(2**62)])
    assert heard.heard_of("/other") == 4


def test_a_database_is_past_when_others_know_more_and_unknown_when_nobody_can_be_asked() -> None:
    write(Counted(number=1))
    last = last_given(OutboxEvent)
    for sequence, expected in ((None, None), (last, False), (last + 1, True)):
        others_have_heard(sequence)
        assert is_past() is expected


def test_a_finished_restore_is_beyond_all_that_was_heard() -> None:
    others_have_heard(last_given(OutboxEvent) + 50)
    with finishing_restore(last_given(OutboxEvent) + 50):
        assert is_past()
        assert last_given(OutboxEvent) > LEAP
    assert is_past() is False


def test_a_restore_that_broke_off_is_past_until_it_is_done_again() -> None:
    others_have_heard(0)
    with pytest.raises(ZeroDivisionError), finishing_restore(0):
        raise ZeroDivisionError
    assert is_past()
    with finishing_restore(0):
        pass
    assert is_past() is False


def test_a_web_process_looks_at_once_and_then_beside_its_requests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(past, "LOOK_SECONDS", 0.0)
    watch = Watch()
    assert watch.is_past() is False  # nobody can be asked
    others_have_heard(last_given(OutboxEvent) + 1)
    wait_until(watch.is_past, patience=PATIENCE, what="another look has found it")
    with finishing_restore(last_given(OutboxEvent) + 1):
        assert watch.is_past()
    assert watch.is_past() is False
    assert Watch().is_past() is False


def test_a_web_process_looks_before_it_writes_by_a_new_connection() -> None:
    if getattr(connection, "pool", None) is None:
        pytest.skip("PostgreSQL has the pool")
    others_have_heard(0)
    watch = Watch()
    assert watch.is_past() is False
    others_have_heard(last_given(OutboxEvent) + 1)
    assert watch.is_past() is False  # it need not look yet
    end_sessions()
    assert watch.is_past() is True


def end_sessions() -> None:
    """Have the server end all sessions of this database, as one that fails over does."""
    others = (
        "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"  # waits until it is gone
        " WHERE datname = current_database() AND pid != pg_backend_pid()"
    )
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute(others)
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()


def test_what_was_found_stays_though_the_sequence_comes_up_to_what_was_heard() -> None:
    heard_of_us = last_given(OutboxEvent) + 1
    others_have_heard(heard_of_us)
    assert is_past()
    write(Counted(number=1), Counted(number=2))
    assert is_past()
    assert Watch().is_past()
    with finishing_restore(heard_of_us):
        pass
    assert is_past() is False


def test_a_restore_that_is_finished_while_somebody_looks_is_not_found_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard_of_us = last_given(OutboxEvent) + 1
    others_have_heard(heard_of_us)
    answers = [heard_of_us - 1]  # the first is of before the leap

    def finished_after_the_first(model: type[Model]) -> int:
        if not answers:
            return last_given(model)
        answer = answers.pop()
        with finishing_restore(heard_of_us):
            return answer

    monkeypatch.setattr(past, "last_given", finished_after_the_first)
    assert is_past() is False
    assert not UnfinishedRestore.objects.exists()


def test_a_consumer_looks_before_it_handles_anything(
    broker: Broker, messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries: list[int] = []

    def heard_when_asked() -> int:
        entries.append(Entry.objects.count())
        return last_given(OutboxEvent) + 1

    monkeypatch.setattr(past, "heard_by_others", heard_when_asked)
    publish(broker, [sent(messaging, Counted(number=number)) for number in range(3)])
    with at_work(Consumer):
        until_entries(3)
    assert entries == [0]
    assert UnfinishedRestore.objects.exists()


def test_a_consumer_waits_some_time_for_others_to_be_asked_and_then_goes_on(
    broker: Broker, messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries: list[int] = []

    def nobody_answers() -> None:
        entries.append(Entry.objects.count())

    monkeypatch.setattr(past, "heard_by_others", nobody_answers)
    monkeypatch.setattr(past, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(past, "PATIENCE_SECONDS", 0.1)
    publish(broker, [sent(messaging, Counted(number=1))])
    with at_work(Consumer):
        until_entries(1)
    assert len(entries) > 1
    assert set(entries) == {0}


def test_a_consumer_looks_again_after_its_database_was_away(
    broker: Broker, messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    others_have_heard(0)
    faults = [OperationalError("the database system is shutting down")]

    def fails_over(events: Sequence[Event]) -> None:
        if faults:
            others_have_heard(last_given(OutboxEvent) + 1)  # it is an older one now
            raise faults.pop()
        handlers.count(events)

    monkeypatch.setitem(handlers.HANDLERS, Counted.type, fails_over)
    publish(broker, [sent(messaging, Counted(number=1))])
    with at_work(Consumer):
        until_entries(1)
    assert UnfinishedRestore.objects.exists()


def test_the_status_says_so(broker: Broker, messaging: Topology) -> None:
    out = StringIO()
    others_have_heard(last_given(OutboxEvent) + 1)
    with pytest.raises(SystemExit):
        call_command("messages", "status", "--json", "--consumers", "0", stdout=out)
    shown: dict[str, Any] = json.loads(out.getvalue())
    assert shown["past"] is True
    assert "finish_restore" in shown["problems"][0]
