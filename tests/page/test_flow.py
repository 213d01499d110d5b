"""Staff follow events in the admin: one that waits, then is handled; one that is parked."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.page.axe import faults
from tests.page.conftest import Complaints
from tests.page.people import Person, person
from tests.page.test_accessibility import LOOKS
from tests.system.clients import number_of
from tests.system.stack import Stack

FLOW = "/flow"
ADMIN = ("admin", "wise-words-2026")
_PARK = """
from django.utils import timezone
from messaging.models import DeadLetter
DeadLetter.objects.create(
    identity="/likes#{event_id}", type="likes.like.counted", reason="failed", attempts=4,
    error="ValueError: no", parked_at=timezone.now(),
    body=b'{{"quote_id": {quote_id}, "likes": 1}}',
    headers={{
        "cloudEvents_specversion": "1.0", "cloudEvents_id": "{event_id}",
        "cloudEvents_source": "/likes", "cloudEvents_type": "likes.like.counted",
        "cloudEvents_subject": "quotes/{quote_id}", "content_type": "application/json",
    }},
)
"""


@pytest.fixture
def someone(stack: Stack) -> Person:
    """Somebody with an account."""
    return person(stack.graphql)


@pytest.fixture
def admin(context: BrowserContext, stack: Stack) -> Page:
    """Quotes' admin, with somebody logged in."""
    return logged_in(context, stack)


def logged_in(context: BrowserContext, stack: Stack) -> Page:
    page = context.new_page()
    page.goto(stack.product.url("quotes", FLOW))
    page.get_by_label("Username").fill(ADMIN[0])
    page.get_by_label("Password").fill(ADMIN[1])
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Now")).to_be_visible()
    return page


def find(page: Page, term: str) -> None:
    page.get_by_label("Subject, event id or trace id").fill(term)
    page.get_by_role("button", name="Find").click()


@pytest.fixture
def without_consumer(stack: Stack) -> Iterator[None]:
    """The consumer of Likes is killed, and back at the end at the latest."""
    stack.supervisor.hold("likes-consumer")
    yield
    stack.supervisor.release("likes-consumer")


def test_an_event_is_seen_to_wait_for_a_dead_consumer_and_to_be_handled(
    admin: Page, stack: Stack, someone: Person, without_consumer: None
) -> None:
    complaints = Complaints()
    complaints.watch(admin, stack.product.url("quotes"))
    quote = number_of(someone.write("Panta rhei."))
    find(admin, f"quotes/{quote}")
    event = admin.locator(".flow-event", has_text="quotes.quote.created")
    expect(event).to_contain_text("waits in the queue to be handled")
    expect(event).to_contain_text("confirmed by the broker, quotes")
    stack.supervisor.release("likes-consumer")
    expect(event).to_contain_text("handled by likes")
    expect(event).to_contain_text("delivered, likes")
    expect(event).to_contain_text("written with its change, quotes")
    event.get_by_role("link", name="trace").click()
    expect(admin.locator(".flow-event", has_text="quotes.quote.created")).to_have_count(1)
    assert complaints == []


def test_what_is_focused_stays_so_while_the_page_follows(
    admin: Page, stack: Stack, someone: Person
) -> None:
    admin.get_by_role("link", name="Replay or discard").focus()
    quote = number_of(someone.write("Stand fast."))
    expect(admin.locator(".flow-event", has_text=f"quotes/{quote}").first).to_be_visible()
    expect(admin.get_by_role("link", name="Replay or discard")).to_be_focused()
    admin.get_by_role("button", name="Pause").click()
    expect(admin.get_by_role("status")).to_have_text("Paused.")


def test_a_dead_letter_is_replayed_from_the_page_and_handled(
    admin: Page, stack: Stack, someone: Person
) -> None:
    written, event_id = someone.write("Again."), str(uuid.uuid4())
    someone.like(written)
    quote = number_of(written)
    code = _PARK.format(event_id=event_id, quote_id=quote)
    stack.manage("quotes_service", "shell", "--no-imports", "--command", code)
    find(admin, event_id)
    event = admin.locator(".flow-event")
    expect(event).to_contain_text("parked at quotes as a dead letter")
    admin.get_by_role("link", name="Replay or discard").click()
    letter = admin.get_by_role("row", name="ValueError: no")
    letter.get_by_role("checkbox").check()
    admin.get_by_label("Action:").select_option("Replay selected dead letters")
    admin.get_by_role("button", name="Go", exact=True).click()
    admin.get_by_role("button", name="Replay", exact=True).click()
    expect(admin.get_by_text("1 will be replayed.")).to_be_visible()
    admin.goto(stack.product.url("quotes", f"/admin/messaging/journalentry/?q={event_id}"))
    expect(event).to_contain_text("handled by quotes")
    stack.wait_until_agreed()


@pytest.mark.parametrize(("scheme", "viewport"), LOOKS)
def test_the_flow_has_no_fault_of_accessibility(
    browser: Browser, stack: Stack, axe: str, scheme: Any, viewport: Any
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport=viewport, bypass_csp=True)
    page = logged_in(context, stack)
    expect(page.locator(".flow-event").first).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    assert faults(page, axe) == []
    context.close()
