"""`messages status` shows people and monitors how messaging is doing."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from messaging.brokers.interface import Broker, Topology
from messaging.consumer import Consumer
from messaging.models import DeadLetter
from tests.messaging import handlers
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted, Troubled
from tests.messaging.running import PATIENCE, at_work, sent, until_entries, write
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def status(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code and what is shown."""
    out = StringIO()
    try:
        call_command("messages", "status", "--json", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def test_all_is_well_when_nothing_waits(broker: Broker, messaging: Topology) -> None:
    code, shown = status("--consumers", "0")
    assert (code, shown["problems"]) == (0, [])
    assert (shown["outbox_events"], shown["queue_ready"], shown["dead_letters"]) == (0, 0, 0)
    assert shown["lag_events"] == shown["lag_seconds"] == 0


def test_events_in_the_outbox_are_counted_and_too_old_ones_are_a_problem(
    broker: Broker, messaging: Topology
) -> None:
    write(Counted(number=1), Counted(number=2))
    code, shown = status("--consumers", "0", "--outbox-age", "3600")
    assert (code, shown["outbox_events"]) == (0, 2)
    assert shown["outbox_oldest_seconds"] >= 0
    code, shown = status("--consumers", "0", "--outbox-age", "-1")
    assert code == 1
    assert "2 events wait in the outbox" in shown["problems"][0]


def test_events_in_the_queue_are_the_lag_and_too_many_are_a_problem(
    broker: Broker, messaging: Topology
) -> None:
    publish(broker, [sent(messaging, Counted(number=number)) for number in range(3)])
    wait_until(
        lambda: broker.queue_state(messaging.queue).ready == 3, patience=PATIENCE, what="3 ready"
    )
    code, shown = status("--consumers", "0", "--lag-events", "2")
    assert (code, shown["lag_events"], shown["queue_ready"]) == (1, 3, 3)
    assert shown["problems"] == ["3 events wait to be handled."]


@pytest.mark.usefixtures("long_retries")
def test_a_message_that_waits_for_its_retry_is_counted(broker: Broker, messaging: Topology) -> None:
    handlers.FAILING.add(1)
    publish(broker, [sent(messaging, Troubled(number=1))])
    with at_work(Consumer):
        wait_until(
            lambda: status()[1]["waiting_for_retry"] == 1, patience=PATIENCE, what="it waits"
        )


def test_a_queue_without_a_consumer_is_a_problem_where_the_broker_tells(
    broker: Broker, messaging: Topology
) -> None:
    code, shown = status()
    if shown["consumers"] is None:
        assert code == 0
        pytest.skip("the embedded broker does not know how many consumers a queue has")
    assert (code, shown["consumers"]) == (1, 0)
    assert "does `consume` run?" in shown["problems"][0]
    publish(broker, [sent(messaging, Counted(number=1))])
    with at_work(Consumer):
        until_entries(1)
        assert status()[0] == 0


def test_a_parked_dead_letter_is_a_problem_until_it_is_closed(
    broker: Broker, messaging: Topology
) -> None:
    letter = DeadLetter.objects.create(
        identity="1", reason="invalid", body=b"", headers={}, error="", attempts=0,
        parked_at=timezone.now(),
    )  # fmt: skip
    code, shown = status("--consumers", "0")
    assert (code, shown["dead_letters"]) == (1, 1)
    DeadLetter.objects.filter(pk=letter.pk).update(state="discarded")
    assert status("--consumers", "0")[0] == 0


def test_a_broker_that_can_not_be_asked_is_another_exit_code(settings: Any, db: None) -> None:
    settings.BROKER_URL = "amqp://guest:guest@127.0.0.1:1/"
    code, shown = status()
    assert code == 2
    assert shown["problems"][0].startswith("The broker can't be asked")


def test_people_get_lines(broker: Broker, messaging: Topology) -> None:
    out = StringIO()
    call_command("messages", "status", "--consumers", "0", stdout=out)
    assert "outbox events" in out.getvalue()
