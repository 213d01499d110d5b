"""What the page's user has just done stays, whatever an older answer says."""

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Visit
from tests.page.people import Person, person
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
