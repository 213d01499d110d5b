"""Events of the last release are handled by this one, and the reverse."""

import json
import subprocess
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings

from messaging.brokers.interface import Delivery
from messaging.events import Event, to_message
from messaging.received import read
from messaging.schemas import check_of
from tests.simulation.databases import Databases
from tests.simulation.settings import MESSAGING_OF
from tests.upgrades.event_data import data_of
from tests.upgrades.releases import NotInHistory, check_out
from tools.environment import ROOT

RELEASED = {
    path.stem: json.loads(path.read_text())
    for path in sorted((ROOT / "tests/contracts/events/released").glob("*.json"))
}
NOW = {
    path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "event_schemas").glob("*"))
    if path.suffix == ".json"
}  # fmt: skip
EXAMPLES = 60
# Which service handles a type.
READER_OF: dict[str, str] = {
    event_type: service
    for service, messaging in MESSAGING_OF.items()
    for event_type in import_string(str(messaging["HANDLERS"]))
}
# All but what is in the log alone, for subscribers. A type whose handler is gone is missed here.
READ = [event_type for event_type in RELEASED if event_type != "quotes.quote.counted"]
_ids = count(1)
few = hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a breaking change is plain without a smaller example
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def handle(databases: Databases, service: str, event: Event) -> None:
    """Have a service's consumer read an event, and its handler handle it; leave nothing."""
    databases.use(service)
    settings.MESSAGING = MESSAGING_OF[service]
    handlers: Mapping[str, Callable[..., None]] = import_string(settings.MESSAGING["HANDLERS"])
    delivery = Delivery(message=to_message(event, "events"), redelivered=False, tag=1, connection=1)
    received = read(delivery, {event.type: check_of(event.type)})
    assert received.event is not None, f"{event.type} is parked: {received.error}"
    with transaction.atomic():
        handlers[event.type]([received.event])
        transaction.set_rollback(True)


def event_of(event_type: str, data: dict[str, Any]) -> Event:
    return Event(
        type=event_type, source="/elsewhere", subject="quotes/1", data=data, sequence=next(_ids)
    )


@pytest.mark.parametrize("event_type", READ)
def test_events_of_the_last_release_are_handled(databases: Databases, event_type: str) -> None:
    @seed(1)
    @few
    @given(data_of(RELEASED[event_type]))
    def run(data: dict[str, Any]) -> None:
        handle(databases, READER_OF[event_type], event_of(event_type, data))

    run()


@pytest.mark.parametrize("event_type", RELEASED)
def test_events_of_this_release_are_what_the_last_one_takes(event_type: str) -> None:
    assert event_type in NOW, f"{event_type} has gone: who still reads it waits in vain"
    old = jsonschema_rs.validator_for(RELEASED[event_type], validate_formats=True)

    @seed(1)
    @few
    @given(data_of(NOW[event_type], unknown_fields=True))
    def run(data: dict[str, Any]) -> None:
        old.validate(data)

    run()


def with_change(event_type: str, **properties: Any) -> dict[str, Any]:
    schema = RELEASED[event_type]
    return {**schema, "properties": {**schema["properties"], **properties}}


BREAKING = {
    "a number that becomes a text": with_change("likes.like.created", user_id={"type": "string"}),
    "a text that may be longer": with_change(
        "quotes.quote.created", author={"type": "string", "minLength": 0, "maxLength": 2000}
    ),
    "a field that is left out": {
        **RELEASED["quotes.quote.deleted"],
        "required": ["id"],
    },
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_breaking_change_of_an_event_would_be_found(name: str) -> None:
    schema = BREAKING[name]
    old = jsonschema_rs.validator_for(RELEASED[schema["$id"].removeprefix("urn:schema:")])

    @seed(1)
    @few
    @given(data_of(schema))
    def run(data: dict[str, Any]) -> None:
        old.validate(data)

    with pytest.raises(jsonschema_rs.ValidationError):
        run()


# Run in the tree of the last release: reads what is on its input, a line of JSON per event.
_OLD_HANDLERS = """
import json, sys
import django
django.setup()
from django.core.management import call_command
from django.db import transaction
from django.conf import settings
from django.utils.module_loading import import_string
from messaging.events import Event
from messaging.schemas import check_data
call_command("migrate", verbosity=0)
handlers = import_string(settings.MESSAGING["HANDLERS"])
for number, line in enumerate(sys.stdin, 1):
    event_type, data = json.loads(line)
    check_data(event_type, data)
    event = Event(type=event_type, source="/elsewhere", subject="quotes/1", data=data,
                  sequence=number)
    with transaction.atomic():
        handlers[event_type]([event])
        transaction.set_rollback(True)
print("handled", number)
"""


@pytest.fixture(scope="module")
def last_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the last release."""
    try:
        return check_out(tmp_path_factory.mktemp("release"))
    except NotInHistory as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("service", ["quotes", "likes"])
def test_events_of_this_release_are_handled_by_the_last_one(
    last_release: Path, service: str
) -> None:
    lines: list[str] = []

    def make(event_type: str) -> None:
        @seed(2)
        @few
        @given(data_of(NOW[event_type], unknown_fields=True))
        def run(data: dict[str, Any]) -> None:
            lines.append(json.dumps([event_type, data]))

        run()

    for event_type in READ:
        if READER_OF[event_type] == service:
            make(event_type)
    run = subprocess.run(
        [last_release / ".venv/bin/python", "-c", _OLD_HANDLERS],
        cwd=last_release,
        env={
            "DJANGO_SETTINGS_MODULE": f"{service}_service.settings",
            "DATABASE_URL": "sqlite:///:memory:",
            "LOG_LEVEL": "ERROR",
        },
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.stdout == f"handled {len(lines)}\n", run.stderr
