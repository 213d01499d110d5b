"""Likes: shown at once, taken back if they failed, and seen by others."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import Visit
from tests.page.people import PASSWORD, Person, person
from tests.page.test_states import NOTHING
from tests.page.traffic import Traffic
from tests.system.clients import number_of
from tests.system.stack import Stack


@pytest.fixture
def writer(stack: Stack) -> Person:
    """Somebody with an account."""
    return person(stack.graphql)


@pytest.fixture
def quote(writer: Person, word: str) -> str:
    """The id of a quote of theirs."""
    return writer.write(f"A quote of {word}")


def expect_like(page: Page, count: int, *, liked: bool) -> Locator:
    """Wait until the only quote on the page has so many likes; return its button."""
    button = page.locator(".like")
    expect(button).to_have_text(str(count))
    expect(button).to_have_attribute("aria-pressed", str(liked).lower())
    return button


def log_in(page: Page, someone: Person) -> None:
    """Fill in the dialog that asks for a login."""
    dialog = page.get_by_role("dialog", name="Log in")
    dialog.get_by_label("User name").fill(someone.username)
    dialog.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_a_like_is_seen_at_once_and_kept(
    stack: Stack, visit: Visit, writer: Person, quote: str, word: str
) -> None:
    page = visit(writer, f"/?search={word}")
    button = expect_like(page, 0, liked=False)
    with Traffic(page).held("Like"):
        button.click()
        expect_like(page, 1, liked=True)
        assert stack.likes().get(number_of(quote), 0) == 0
    expect(page.locator("#status")).to_have_text("Liked. 1 like.")
    stack.wait_until_agreed()
    page.reload()
    expect_like(page, 1, liked=True).click()
    expect(page.locator("#status")).to_have_text("No longer liked. 0 likes.")
    expect_like(page, 0, liked=False)
    assert stack.likes().get(number_of(quote), 0) == 0


def test_a_like_that_failed_is_taken_back_and_said(
    stack: Stack, visit: Visit, writer: Person, quote: str, word: str
) -> None:
    page = visit(writer, f"/?search={word}")
    button = expect_like(page, 0, liked=False)
    with Traffic(page).cut("Like"):
        button.click()
        expect(page.locator("#notice")).to_contain_text("The server")
        expect_like(page, 0, liked=False)
    button.click()
    expect_like(page, 1, liked=True)
    expect(page.locator("#status")).to_have_text("Liked. 1 like.")


def test_a_like_whose_answer_got_lost_counts_once(
    stack: Stack, visit: Visit, writer: Person, quote: str, word: str
) -> None:
    page = visit(writer, f"/?search={word}")
    button = expect_like(page, 0, liked=False)
    with Traffic(page).answer_lost("Like"):
        button.click()
        expect(page.locator("#notice")).to_be_visible()
    stack.wait_until_agreed()
    button.click()
    expect(page.locator("#status")).to_have_text("Liked. 1 like.")
    expect_like(page, 1, liked=True)
    assert stack.likes()[number_of(quote)] == 1


def test_changing_ones_mind_before_the_answer_ends_as_last_wanted(
    stack: Stack, visit: Visit, writer: Person, quote: str, word: str
) -> None:
    page = visit(writer, f"/?search={word}")
    button = expect_like(page, 0, liked=False)
    traffic = Traffic(page)
    with traffic.held("Like"):
        button.click()
        button.click()
        expect_like(page, 0, liked=False)
        # What is asked after the clicks is seen after them.
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        traffic.wait_for("List")
        assert traffic.count("Unlike") == 0, "it would overtake the like"
    expect(page.locator("#status")).to_have_text("No longer liked. 0 likes.")
    expect_like(page, 0, liked=False)
    assert (traffic.count("Like"), traffic.count("Unlike")) == (1, 1)
    stack.wait_until_agreed()
    assert stack.likes().get(number_of(quote), 0) == 0


def test_who_likes_without_a_login_is_asked_for_it_and_likes_then(
    stack: Stack, visit: Visit, writer: Person, quote: str, word: str
) -> None:
    page = visit(path=f"/?search={word}")
    expect_like(page, 0, liked=False).click()
    expect(page.get_by_role("dialog", name="Log in")).to_contain_text("Log in to like a quote.")
    log_in(page, writer)
    expect_like(page, 1, liked=True)


def test_a_like_that_led_to_a_login_is_given_wherever_the_quote_stands(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    ids = [writer.write(f"{word} {number}") for number in range(30)]
    page = visit(path=f"/?search={word}")
    card = page.locator(f'[data-id="{ids[2]}"]')  # the 28th
    expect(page.locator(".quote")).to_have_count(20)
    page.locator(".quote").last.scroll_into_view_if_needed()
    expect(page.locator(".quote")).to_have_count(30)
    card.evaluate("element => element.scrollIntoView({ block: 'center' })")
    place = card.bounding_box()
    card.locator(".like").click()
    log_in(page, writer)
    expect(card.locator(".like")).to_have_attribute("aria-pressed", "true")
    expect(card.locator(".like")).to_have_text("1")
    assert card.bounding_box() == place, "nothing has moved"
    stack.wait_until_agreed()
    assert stack.likes()[number_of(ids[2])] == 1


def test_a_like_that_led_to_a_login_is_given_though_the_list_has_its_quote_no_more(
    stack: Stack, visit: Visit, writer: Person, quote: str, word: str
) -> None:
    page = visit(path=f"/?search={word}")
    expect_like(page, 0, liked=False).click()
    with Traffic(page).answered("List", NOTHING):
        log_in(page, writer)
        expect(page.locator("#notice")).to_contain_text("Liked. 1 like.")
        expect(page.locator(".quote")).to_have_count(0)
    assert stack.likes()[number_of(quote)] == 1


def test_a_like_after_the_login_has_run_out_asks_for_it_again(
    stack: Stack, visit: Visit, writer: Person, quote: str, word: str
) -> None:
    page = visit(writer, f"/?search={word}")
    button = expect_like(page, 0, liked=False)
    refusal = {"errors": [{"message": "Expired.", "extensions": {"code": "UNAUTHENTICATED"}}]}
    with Traffic(page).answered("Like", refusal, status=401):
        button.click()
        dialog = page.get_by_role("dialog", name="Log in")
        expect(dialog).to_contain_text("Your login has run out.")
    expect_like(page, 0, liked=False)
    log_in(page, writer)
    expect_like(page, 1, liked=True)


def test_the_keyboard_likes_and_keeps_its_place(
    visit: Visit, writer: Person, quote: str, word: str
) -> None:
    page = visit(writer, f"/?search={word}")
    button = expect_like(page, 0, liked=False)
    button.focus()
    page.keyboard.press("Space")
    expect_like(page, 1, liked=True)
    expect(page.locator("#status")).to_have_text("Liked. 1 like.")
    expect(button).to_be_focused()
    expect(button).to_have_accessible_name(f"Like “A quote of {word}”, 1 like")


def test_a_like_for_a_quote_that_is_gone_removes_it(
    stack: Stack, visit: Visit, writer: Person, quote: str, word: str
) -> None:
    page = visit(writer, "/healthz")
    # Only the like tells that it is gone: neither the list nor what comes live does.
    traffic = Traffic(page)
    page.route(stack.product.url("live", "/**"), lambda route: route.abort())
    page.goto(stack.product.url("gateway", f"/?search={word}"))
    button = expect_like(page, 0, liked=False)
    with traffic.held("List"):
        writer.delete(quote)
        button.click()
        expect(page.locator("#notice")).to_contain_text("has been deleted meanwhile")
        expect(page.locator(".quote")).to_have_count(0)


def test_what_one_browser_likes_another_sees_by_itself(
    stack: Stack, visit: Visit, writer: Person, quote: str, word: str
) -> None:
    other = visit(person(stack.graphql), f"/?search={word}")
    expect_like(other, 0, liked=False)
    one = visit(writer, f"/?search={word}")
    expect_like(one, 0, liked=False).click()
    expect_like(other, 1, liked=False).click()
    expect_like(one, 2, liked=True)
    expect_like(other, 2, liked=True)
    assert stack.likes()[number_of(quote)] == 2


def test_coming_back_to_the_page_shows_what_others_did_meanwhile(
    stack: Stack, visit: Visit, writer: Person, quote: str, word: str
) -> None:
    kept = writer.write(f"To keep, {word}")
    page = visit(path=f"/?search={word}")
    expect(page.locator(".quote")).to_have_count(2)
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))
    writer.delete(quote)
    writer.update(kept, f"Kept, {word}")
    writer.like(kept)
    stack.wait_until_agreed()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".quote blockquote")).to_have_text([f"Kept, {word}"])
    expect(page.locator(".like")).to_have_text("1")
