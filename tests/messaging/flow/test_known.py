"""What is known of an event, wherever it is, and how the parts are put together."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from messaging.brokers.interface import Broker, Topology
from messaging.consumer import Consumer
from messaging.flow.asking import ask_others, query
from messaging.flow.known import known_here
from messaging.flow.timelines import Known, Step, Timeline, Wanted, merged
from messaging.models import DeadLetter, HeardSource, InboxEvent, JournalEntry, OutboxEvent
from messaging.relay import Relay
from messaging.replays import discard, request_replay
from observability.trace import trace
from tests.messaging import handlers
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted, Troubled
from tests.messaging.running import PATIENCE, at_work, sent, until_empty, until_entries, write
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def found(term: str) -> list[Timeline]:
    return merged(known_here(Wanted.by(term)), [])


def steps(term: str) -> list[str]:
    [timeline] = found(term)
    return [step.what for step in timeline.steps]


def state(term: str) -> str:
    [timeline] = found(term)
    [(word, _)] = timeline.states
    return word


def test_an_event_is_found_by_its_subject_its_id_and_its_trace_on_all_its_way(
    broker: Broker, messaging: Topology
) -> None:
    with trace(None) as traceparent:
        [event] = write(Counted(number=1))
    terms = ["ledgers/1", event.id, traceparent[3:35], traceparent]
    assert [state(term) for term in terms] == ["written"] * 4
    with at_work(Relay):
        until_empty()
    assert [state(term) for term in terms] == ["waiting"] * 4
    with at_work(Consumer):
        until_entries(1)
    assert [state(term) for term in terms] == ["handled"] * 4
    assert sorted(steps(event.id)) == ["confirmed", "delivered", "handled", "sent", "written"]
    assert found("ledgers/2") == []


def test_an_event_that_fails_waits_for_its_retry_and_is_handled(
    broker: Broker, messaging: Topology, settings: Settings
) -> None:
    delays = [timedelta(milliseconds=200), timedelta(milliseconds=400)]
    assert settings.MESSAGING["RETRY_DELAYS"] == delays
    handlers.FAILING.add(7)
    message = sent(messaging, Troubled(number=7))
    publish(broker, [message])
    with at_work(Consumer):
        wait_until(JournalEntry.objects.exists, patience=PATIENCE, what="it has failed")
        handlers.FAILING.clear()
        until_entries(1)
    assert message.message_id
    assert state(message.message_id) == "handled"
    assert "failed" in steps(message.message_id)


def parked(broker: Broker, messaging: Topology) -> str:
    handlers.FAILING.add(7)
    message = sent(messaging, Troubled(number=7))
    publish(broker, [message])
    with at_work(Consumer):
        wait_until(DeadLetter.objects.exists, patience=PATIENCE, what="it is parked")
    assert message.message_id
    return message.message_id


@pytest.mark.parametrize("broker_url", ["embedded"], indirect=True)
def test_a_dead_letter_says_what_was_done_with_it(broker: Broker, messaging: Topology) -> None:
    event_id = parked(broker, messaging)
    assert state(event_id) == "parked"
    assert steps(event_id).count("failed") == 2
    request_replay(DeadLetter.objects.all())
    assert state(event_id) == "requested"
    discard(DeadLetter.objects.all())
    assert state(event_id) == "discarded"
    assert "discarded" in steps(event_id)


@pytest.mark.parametrize("broker_url", ["embedded"], indirect=True)
def test_what_the_journal_has_forgotten_is_found_by_its_id(
    broker: Broker, messaging: Topology
) -> None:
    event_id = parked(broker, messaging)
    JournalEntry.objects.all().delete()
    InboxEvent.objects.create(event_id="e2", source="/other", handled_at=timezone.now())
    assert state("e2") == "handled"
    HeardSource.objects.create(source="/elsewhere", sequence=1)
    assert state(event_id) == "parked"


def test_an_event_that_is_set_aside_says_why() -> None:
    [event] = write(Counted(number=1))
    OutboxEvent.objects.update(set_aside_at=timezone.now(), refusal="no queue takes it")
    assert state(event.id) == "set_aside"
    [timeline] = found(event.id)
    assert timeline.steps[-1].detail == "no queue takes it"


def test_an_event_for_subscribers_alone_waits_for_nobody(settings: Settings) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "ONLY_LOGGED": ["ledger.counted"]}
    JournalEntry.objects.create(
        step="published", event_id="e1", source="/ledger", type="ledger.counted", subject="s",
        trace_id="", written_at=timezone.now(), begun_at=timezone.now(), ended_at=timezone.now(),
    )  # fmt: skip
    assert state("e1") == "logged"


TOLD: list[dict[str, Any]] = []


def tell(event_ids: list[str], trace_id: str) -> list[dict[str, Any]] | None:
    """What another service says, as the settings name it."""
    return TOLD if event_ids else None


@pytest.fixture
def others(settings: Settings) -> list[dict[str, Any]]:
    settings.MESSAGING = {**settings.MESSAGING, "TOLD_BY_OTHERS": f"{__name__}.tell"}
    TOLD.clear()
    return TOLD


def elsewhere(event_id: str, state: str) -> Known:
    known = Known(event_id=event_id, source="/ledger", place="other", state=state)
    return Known.from_json(known.as_json() | {"steps": [
        {"at": timezone.now().isoformat(), "what": state},
    ]})  # fmt: skip


def test_what_others_say_is_put_together_with_what_is_known_here(
    others: list[dict[str, Any]],
) -> None:
    [event] = write(Counted(number=1))
    OutboxEvent.objects.all().delete()
    now = timezone.now()
    JournalEntry.objects.create(
        step="published", event_id=event.id, source="/ledger", type="ledger.counted",
        subject="s", trace_id="", written_at=now, begun_at=now, ended_at=now,
    )  # fmt: skip
    here = known_here(Wanted.by(event.id))
    for told, sentence in [
        ([], "waits in the queue to be handled"),
        ([elsewhere(event.id, "handled").as_json()], "handled by other"),
        ([elsewhere(event.id, "parked").as_json()], "parked at other as a dead letter"),
    ]:
        others[:] = told
        [timeline] = merged(here, ask_others([event.id], ""))
        assert [words for _, words in timeline.states] == [sentence]
        assert timeline.event.type == "ledger.counted"
    [timeline] = merged(here, ask_others([], ""))
    assert "can't be asked" in timeline.states[0][1]


def test_an_event_is_written_once_however_precisely_each_service_has_read_the_time() -> None:
    place = Known(event_id="e1", source="/ledger", place="ledger", state="confirmed")
    other = replace(place, place="other", state="handled", steps=[])
    now = timezone.now()
    place.steps.append(Step(at=now, what="written", place="ledger"))
    other.steps.append(Step(at=now.replace(microsecond=0), what="written", place="ledger"))
    told = Known.from_json(other.as_json())
    [timeline] = merged([place], [told])
    assert [(step.what, step.place) for step in timeline.steps] == [("written", "ledger")]


@pytest.mark.parametrize(
    "told",
    [
        {"event_id": "e1"},
        "no object",
        {
            **Known(event_id="e", source="s", place="p").as_json(),
            "steps": [{"at": "x", "what": ""}],
        },
    ],
)
def test_what_others_say_wrongly_is_taken_for_nothing(
    others: list[dict[str, Any]], told: Any
) -> None:
    others.append(told)
    assert ask_others(["e1"], "") is None


def test_a_term_is_a_trace_only_where_it_can_be_one() -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    whole = f"00-{trace_id}-00f067aa0ba902b7-01"
    found = [Wanted.by(term).trace_id for term in (trace_id, whole, "x" * 32, "quotes/7", "")]
    assert found == [trace_id, trace_id, "", "", ""]


def test_ids_that_can_not_stand_in_a_list_are_not_asked_for() -> None:
    assert query(["a", "b,c", "", "é", "d" * 256, "e"], "") == {"event": "a,e"}
    assert query([], "4bf9") == {"trace": "4bf9"}
