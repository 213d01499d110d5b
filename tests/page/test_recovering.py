"""What has failed goes on by itself, once it can."""

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Visit
from tests.page.people import Person, person
from tests.page.test_states import QUOTES_DOWN
from tests.page.traffic import Traffic
from tests.system.stack import Stack

SOON = 2_000  # ms after which the page tries again; then twice as long each time
TOO_LONG = {
    "errors": [{"message": "The search is too long.", "extensions": {"code": "BAD_USER_INPUT"}}]
}


@pytest.fixture
def writer(stack: Stack) -> Person:
    """Somebody with an account."""
    return person(stack.graphql)


def open_with_a_clock(stack: Stack, visit: Visit) -> Page:
    """Return a page not loaded yet, whose time passes as it is told, and which hears nothing."""
    page = visit(path="/healthz")
    page.route(stack.product.url("live", "/**"), lambda route: route.abort())
    page.clock.install()
    return page


def test_quotes_that_did_not_come_come_by_themselves(stack: Stack, visit: Visit) -> None:
    page = open_with_a_clock(stack, visit)
    traffic = Traffic(page)
    with traffic.answered("List", QUOTES_DOWN):
        page.goto(stack.product.url("gateway"))
        expect(page.locator("#failed")).to_contain_text("This page tries again by itself.")
        page.clock.fast_forward(SOON)
        traffic.wait_for("List", 2)
    page.clock.fast_forward(2 * SOON)
    expect(page.locator(".quote").first).to_be_visible()
    expect(page.locator("#failed")).to_be_hidden()


def test_each_try_that_fails_is_followed_by_a_longer_pause(stack: Stack, visit: Visit) -> None:
    page = open_with_a_clock(stack, visit)
    traffic = Traffic(page)
    with traffic.answered("List", QUOTES_DOWN):
        page.goto(stack.product.url("gateway"))
        expect(page.locator("#failed")).to_be_visible()
        page.clock.pause_at(page.evaluate("Date.now() + 1"))
        for _ in range(60):
            page.clock.run_for(1_000)
            page.evaluate("1")  # lets what has happened be heard of
    assert 3 <= traffic.count("List") <= 7, "after 2, 4, 8, 16 and 32 seconds"


def test_a_try_behind_shows_what_failed_until_it_has_gone_well(stack: Stack, visit: Visit) -> None:
    page = open_with_a_clock(stack, visit)
    traffic = Traffic(page)
    with traffic.answered("List", QUOTES_DOWN):
        page.goto(stack.product.url("gateway"))
        expect(page.locator("#failed")).to_be_visible()
    with traffic.held("List"):
        page.clock.fast_forward(SOON)
        traffic.wait_for("List", 2)
        expect(page.locator("#failed")).to_be_visible()
        expect(page.locator("#skeleton")).to_be_hidden()
    expect(page.locator(".quote").first).to_be_visible()


def test_what_fails_the_same_each_time_is_not_tried_again(stack: Stack, visit: Visit) -> None:
    page = open_with_a_clock(stack, visit)
    traffic = Traffic(page)
    with traffic.answered("List", TOO_LONG):
        page.goto(stack.product.url("gateway"))
        expect(page.locator("#failed p")).to_have_text("The search is too long.")
        for _ in range(3):
            page.clock.fast_forward(60_000)
        assert traffic.count("List") == 1


def test_while_the_gateway_is_away_the_quotes_stay_and_the_page_says_that_they_are_old(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"Before, {word}")
    page = open_with_a_clock(stack, visit)
    page.goto(stack.product.url("gateway", f"/?search={word}"))
    expect(page.locator(".quote")).to_have_count(1)
    traffic = Traffic(page)
    with traffic.cut("List"):
        for tried in range(1, 4):
            page.clock.fast_forward(20_000)
            traffic.wait_for("List", tried)
        expect(page.locator("#stale")).to_be_visible()
        expect(page.locator(".quote")).to_contain_text("Before")
    writer.update(quote, f"After, {word}")
    page.clock.fast_forward(60_000)
    expect(page.locator(".quote")).to_contain_text("After")
    expect(page.locator("#stale")).to_be_hidden()


def test_a_next_page_that_did_not_come_is_tried_again(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    for number in range(25):
        writer.write(f"{number} of {word}")
    page = open_with_a_clock(stack, visit)
    traffic = Traffic(page)
    page.goto(stack.product.url("gateway", f"/?search={word}"))
    expect(page.locator(".quote")).to_have_count(20)
    with traffic.cut("List"):
        page.keyboard.press("End")
        expect(page.locator("#more")).to_contain_text("Try again")
    page.clock.fast_forward(20_000)
    expect(page.locator(".quote")).to_have_count(25)


def test_likes_that_could_not_be_told_are_told_once_they_can(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    writer.like(writer.write(word))
    page = visit(writer, path="/healthz")
    page.clock.install()
    traffic = Traffic(page)
    stack.supervisor.hold("likes")
    try:
        page.goto(stack.product.url("gateway", f"/?search={word}"))
        expect(page.locator("#partial")).to_be_visible()
        expect(page.locator(".like")).to_have_attribute("aria-pressed", "false")
    finally:
        stack.supervisor.release("likes")
    stack.product.wait_until_ready("likes", "gateway")
    asked = traffic.count("List")
    page.clock.fast_forward(20_000)
    traffic.wait_for("List", asked + 1)
    expect(page.locator("#partial")).to_be_hidden()
    expect(page.locator(".like")).to_have_attribute("aria-pressed", "true")
