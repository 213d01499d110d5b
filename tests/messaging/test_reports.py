"""Relays and consumers write down what they see of themselves and of the queue."""

from typing import Any

import pytest
from django.db import Error, connection
from django.utils import timezone
from pytest_django import Settings

from messaging import reports
from messaging.brokers import broker_for
from messaging.brokers.interface import Broker, Topology
from messaging.consumer import Consumer
from messaging.health import Health
from messaging.models import ProcessReport
from messaging.reports import MEMORY, SILENCE, Reports
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted
from tests.messaging.running import PATIENCE, at_work, process, sent, until_drained
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "LOOK_SECONDS", 0.05)


def until_reported(**given: Any) -> None:
    rows = ProcessReport.objects.filter(**given)
    wait_until(rows.exists, patience=PATIENCE, what=f"a report of {given}")


def test_a_relay_reports_the_queue_which_no_consumer_empties(
    broker: Broker, messaging: Topology
) -> None:
    health = Health()
    health.report("active")
    with Reports("relay", broker, health):
        until_reported(role="relay", status="active", queue_ready=0)
        publish(broker, [sent(messaging, Counted(number=number)) for number in range(3)])
        until_reported(role="relay", queue_ready=3)
        with at_work(Consumer):
            until_drained(broker, messaging)
            until_reported(role="relay", queue_ready=0)
        health.report("stopped")
    until_reported(role="relay", status="stopped")
    assert ProcessReport.objects.count() == 1


def test_a_broker_that_is_away_is_reported_in_the_words_of_the_process(
    messaging: Topology,
) -> None:
    health = Health()
    health.report("retrying", "connection \x00refused", broker=False)
    with Reports("consumer", broker_for("amqp://guest:guest@127.0.0.1:9/", "test"), health):
        until_reported(status="retrying", detail="connection \\x00refused", queue_ready=None)


def test_what_does_not_change_is_written_seldom_and_what_is_long_gone_is_forgotten(
    messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    ProcessReport.objects.create(
        name="old", role="relay", status="active", seen_at=now - MEMORY - SILENCE
    )
    written = Reports("relay", object(), Health())  # type: ignore[arg-type]
    written._try_to_write(None)
    first = ProcessReport.objects.get()
    written._try_to_write(None)
    assert ProcessReport.objects.get().seen_at == first.seen_at
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + 2 * SILENCE)
    written._try_to_write(None)
    assert ProcessReport.objects.get().seen_at == now + 2 * SILENCE


def test_between_reports_the_connection_to_the_database_is_given_back(messaging: Topology) -> None:
    Reports("relay", object(), Health())._try_to_write(None)  # type: ignore[arg-type]
    assert connection.connection is None


def test_a_database_that_is_away_ends_no_reports(
    messaging: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **given: object) -> None:
        raise Error("away")

    written = Reports("relay", object(), Health())  # type: ignore[arg-type]
    with monkeypatch.context() as patched:
        patched.setattr(ProcessReport, "save", fail)
        written._try_to_write(None)
    written._try_to_write(None)
    assert ProcessReport.objects.count() == 1


@pytest.mark.parametrize("command", ["relay", "consume"])
@pytest.mark.parametrize("broker_url", ["embedded"], indirect=True)
def test_the_commands_report(messaging: Topology, command: str) -> None:
    with process(command):
        until_reported(role="relay" if command == "relay" else "consumer", queue_ready=0)


@pytest.mark.parametrize("command", ["relay", "consume"])
def test_the_commands_report_that_the_broker_is_away(settings: Settings, command: str) -> None:
    settings.BROKER_URL = "amqp://guest:guest@127.0.0.1:9/"  # the discard port: nobody answers
    with process(command):
        until_reported(status="retrying", queue_ready=None, detail__contains="127.0.0.1:9")
