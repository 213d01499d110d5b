"""What the page's user has just done stays, whatever an older response says."""

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Visit
from tests.page.people import PASSWORD, Person, person
from tests.page.traffic import Traffic
from tests.system.stack import Stack

SETTLED = 10_000  # ms, more than a like takes from one service to the other


@pytest.fixture
def writer(stack: Stack) -> Person:
    """Somebody with an account."""
    return person(stack.graphql)


def stop_clock(page: Page) -> None:
    """Have time pass for the page only when it is told so."""
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))


def refresh(page: Page, writer: Person, other: str, text: str) -> None:
    """Have the page ask anew, and wait until it shows what it heard: another quote's new text."""
    writer.update(other, text)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(f'[data-id="{other}"] blockquote')).to_have_text(text)


def test_a_like_just_given_stays_while_the_list_does_not_have_it_yet(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    liked, other = writer.write(f"To like, {word}"), writer.write(f"To edit, {word}")
    stack.wait_until_agreed()
    page = visit(writer, f"/?search={word}")
    button = page.locator(f'[data-id="{liked}"] .like')
    expect(button).to_have_text("0")
    stop_clock(page)
    stack.supervisor.hold("quotes-consumer")
    try:
        button.click()
        expect(page.locator("#status")).to_have_text("Liked. 1 like.")
        refresh(page, writer, other, f"Edited, {word}")
        expect(button).to_have_text("1")
        expect(button).to_have_attribute("aria-pressed", "true")
    finally:
        stack.supervisor.release("quotes-consumer")


def test_a_like_under_way_stays_however_long_its_answer_takes(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    liked, other = writer.write(f"To like, {word}"), writer.write(f"To edit, {word}")
    page = visit(writer, f"/?search={word}")
    button = page.locator(f'[data-id="{liked}"] .like')
    expect(button).to_have_text("0")
    stop_clock(page)
    with Traffic(page).held("Like"):
        button.click()
        page.clock.fast_forward(SETTLED)
        refresh(page, writer, other, f"Edited, {word}")
        expect(button).to_have_text("1")
        expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#status")).to_have_text("Liked. 1 like.")


def test_once_a_like_has_settled_the_list_counts_again(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    liked = writer.write(f"To like, {word}")
    page = visit(writer, f"/?search={word}")
    button = page.locator(f'[data-id="{liked}"] .like')
    expect(button).to_have_text("0")
    stop_clock(page)
    button.click()
    expect(page.locator("#status")).to_have_text("Liked. 1 like.")
    writer.unlike(liked)
    stack.wait_until_agreed()
    page.clock.fast_forward(SETTLED)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(button).to_have_text("0")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_a_like_just_given_is_not_shown_to_the_next_user_as_theirs(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    liked, other = writer.write(f"To like, {word}"), person(stack.graphql)
    page = visit(writer, f"/?search={word}")
    button = page.locator(f'[data-id="{liked}"] .like')
    expect(button).to_have_text("0")
    stop_clock(page)
    button.click()
    expect(page.locator("#status")).to_have_text("Liked. 1 like.")
    page.click("#log-out")
    page.click("#log-in")
    page.get_by_label("User name").fill(other.username)
    page.locator("#account-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#username")).to_have_text(other.username)
    expect(button).to_have_attribute("aria-pressed", "false")


def test_where_nothing_is_told_live_a_refresh_that_failed_is_followed_by_another(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"Before, {word}")
    page = visit(path="/healthz")
    page.route(stack.product.url("live", "/**"), lambda route: route.abort())
    page.clock.install()
    page.goto(page.url.replace("/healthz", f"/?search={word}"))
    expect(page.locator(".quote")).to_have_count(1)
    traffic = Traffic(page)
    with traffic.cut("List"):
        page.clock.fast_forward(SETTLED)
        traffic.wait_for("List")
    writer.update(quote, f"After, {word}")
    page.clock.fast_forward(2 * SETTLED)
    expect(page.locator(".quote blockquote")).to_have_text(f"After, {word}")
