"""Staff see how events flow, whatever they hold, and without a broker."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from messaging.models import DeadLetter, ProcessReport
from messaging.reports import GONE
from quotes_service import clients
from quotes_service.models import User
from tests.examples import CONTRACTS, read
from tests.flow import (
    FLOW,
    TRACE,
    event_ids,
    handled,
    report,
    shows_an_event_and_tells_others_of_it,
)
from tests.rest_api import Api

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(settings: Settings) -> None:
    settings.BROKER_URL = "amqp://guest:guest@127.0.0.1:9/"  # the discard port: nobody answers
    settings.LIKES_URL = "http://127.0.0.1:9"


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def page(client: Client, **query: str) -> str:
    return client.get(FLOW, query).content.decode()


def test_flow_leads_to_the_page_which_the_admin_names(admin: Client) -> None:
    assert admin.get("/flow").headers["Location"] == FLOW
    assert f'href="{FLOW}"' in admin.get("/admin/").content.decode()


def test_who_is_no_staff_or_may_not_view_it_sees_nothing() -> None:
    assert Client().get(FLOW).headers["Location"].startswith("/admin/login/")
    staff = User.objects.create(username="staff", is_staff=True)
    client = Client()
    client.force_login(staff)
    assert client.get(FLOW).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_journalentry"))
    assert client.get(FLOW).status_code == 200
    assert "Replay or discard" not in page(client)
    staff.user_permissions.add(Permission.objects.get(codename="view_deadletter"))
    assert "Replay or discard" in page(client)


def test_an_event_is_found_by_subject_id_and_trace(admin: Client) -> None:
    shows_an_event_and_tells_others_of_it(admin)


def test_the_page_says_what_it_can_not_know(admin: Client) -> None:
    handled("e1")
    assert "The other service can't be asked" in page(admin)
    assert "Nothing is known of it" in page(admin, q="nothing")


def test_a_relay_without_its_broker_and_a_consumer_that_is_gone_are_problems(
    admin: Client,
) -> None:
    assert "No relay reports" in page(admin)
    assert "No consumer reports" in page(admin)
    report("relay", status="retrying", detail="connection refused", queue_ready=None)
    report("consumer", queue_ready=3, queue_consumers=1)
    shown = page(admin)
    assert "The relay is retrying: connection refused" in shown
    assert "reports: does it run" not in shown
    ProcessReport.objects.update(queue_consumers=0)
    assert "Events wait in the queue, which has no consumer." in page(admin)
    ProcessReport.objects.all().update(seen_at="2026-01-01T00:00:00Z")
    assert "No consumer reports" in page(admin)
    assert GONE.total_seconds() <= 15


def test_the_same_is_sent_once(admin: Client) -> None:
    first = admin.get(FLOW, {"part": ""})
    assert "<html" not in first.content.decode()
    again = admin.get(FLOW, {"part": ""}, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    handled("e1")
    news = admin.get(FLOW, {"part": ""}, headers={"If-None-Match": first.headers["ETag"]})
    assert news.status_code == 200


def test_what_an_event_holds_is_shown_as_text_and_no_script_but_ours_runs(admin: Client) -> None:
    handled("e1", subject="<script>alert(1)</script>", type='"><img src=x>')
    response = admin.get(FLOW, {"q": "<script>alert(1)</script>"})
    shown = response.content.decode()
    assert 'data-event="e1"' in shown
    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert response.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "nonce" not in shown


@pytest.mark.parametrize("term", ["\x00", "x" * 5000, "é☃", "a-b-c-d", "%", "'"])
def test_no_term_is_too_strange(admin: Client, term: str) -> None:
    assert admin.get(FLOW, {"q": term}).status_code == 200


def test_a_long_flow_takes_no_more_statements_than_a_short_one(admin: Client) -> None:
    counts = []
    for number in (1, 60):
        for place in range(number):
            handled(f"{number}-{place}")
        with CaptureQueriesContext(connection) as statements:
            page(admin)
        counts.append(len(statements))
    assert counts[1] <= counts[0]


def test_dead_letters_are_counted_by_what_becomes_of_them(admin: Client) -> None:
    for number, state in enumerate(["parked", "parked", "requested", "discarded"]):
        DeadLetter.objects.create(
            identity=str(number), reason="invalid", body=b"", headers={}, error="", attempts=0,
            parked_at="2026-11-27T10:00:00Z", state=state,
        )  # fmt: skip
    shown = page(admin)
    assert "<dt>parked</dt><dd>2</dd>" in shown
    assert "<dt>replays requested</dt><dd>1</dd>" in shown


@pytest.mark.parametrize(
    "query",
    [
        "event=",
        "event=a,,b",
        "event=é",
        "event=" + "x" * 256,
        "event=" + ",".join(["e"] * 101),
        "trace=x",
    ],
)
def test_a_wrong_question_of_others_is_refused(api: Api, query: str) -> None:
    assert api("GET", f"/known/events?{query}").status == 422
    assert api("GET", f"/known/events?trace={TRACE}").body == {"items": []}


def test_what_likes_tells_is_put_together_with_what_is_known_here(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = read(CONTRACTS / "rest" / "likes" / "read_known_events.json")
    monkeypatch.setattr(clients, "_call", lambda *asked, **options: example["body"])
    shown = page(admin, q=event_ids(example)[0])
    assert "handled by likes" in shown
    assert "can't be asked" not in shown
    monkeypatch.setattr(clients, "_call", lambda *asked, **options: ["nonsense"])
    assert "can't be asked" in page(admin, q="e1")
