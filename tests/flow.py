"""What `/flow` of each service shows: its tests call these."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from messaging.models import InboxEvent, JournalEntry, ProcessReport

FLOW = "/admin/messaging/journalentry/"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def handled(event_id: str, **given: Any) -> None:
    """Take an event of another service for handled."""
    now = timezone.now()
    JournalEntry.objects.create(
        **{
            "step": "handled",
            "event_id": event_id,
            "source": "/other",
            "type": "other.thing.happened",
            "subject": "things/1",
            "trace_id": TRACE,
            "written_at": now - timedelta(seconds=3),
            "begun_at": now,
            "ended_at": now,
        }
        | given
    )
    InboxEvent.objects.create(event_id=event_id, source="/other", handled_at=now)


def event_ids(example: Any) -> list[str]:
    """Return the events of an example of what a service tells."""
    return [item["event_id"] for item in example["body"]["items"]]


def report(role: str, **given: Any) -> None:
    """Have a relay or consumer report."""
    values = {"role": role, "status": "active", "seen_at": timezone.now()} | given
    ProcessReport.objects.create(name=f"{role} {ProcessReport.objects.count()}", **values)


def shows_an_event_and_tells_others_of_it(admin: Client) -> None:
    """See that an event is on the page by each of its names, and at the address for others."""
    handled("e1")
    handled("e2", subject="things/2", trace_id="")
    for term in ("things/1", "e1", TRACE):
        page = admin.get(FLOW, {"q": term}).content.decode()
        assert 'data-event="e1"' in page
        assert 'data-event="e2"' not in page
        assert "handled by" in page
    for query in ({"event": "e1"}, {"trace": TRACE}):
        [told] = Client().get("/known/events", query).json()["items"]
        assert (told["event_id"], told["state"]) == ("e1", "handled")
        assert [step["what"] for step in told["steps"]] == ["written", "delivered", "handled"]
    assert Client().get("/known/events").json() == {"items": []}
