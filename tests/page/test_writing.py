"""Writing a quote, and editing and deleting one's own."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import Visit
from tests.page.people import PASSWORD, Person, person
from tests.page.traffic import Traffic
from tests.system.clients import number_of
from tests.system.stack import Stack


@pytest.fixture
def writer(stack: Stack) -> Person:
    """Somebody with an account."""
    return person(stack.graphql)


def fill_in(page: Page, text: str, author: str = "") -> Locator:
    """Fill in the dialog that is open; return it."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What was said").fill(text)
    dialog.get_by_label("Who said it").fill(author)
    return dialog


def test_a_quote_just_written_is_the_first_and_has_the_focus(
    visit: Visit, writer: Person, word: str
) -> None:
    page = visit(writer, "/?order=most-liked")
    page.get_by_role("button", name="Write a quote").click()
    fill_in(page, f"Written by {word}", "A. Uthor").get_by_role("button", name="Publish").click()
    first = page.locator(".quote").first
    expect(first.locator("blockquote")).to_have_text(f"Written by {word}")
    expect(first).to_contain_text("A. Uthor")
    expect(first).to_contain_text(f"shared by {writer.username}")
    expect(first).to_be_focused()
    expect(page.locator("#order-newest")).to_be_checked()


def test_a_quote_whose_answer_got_lost_is_published_once(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    page = visit(writer)
    page.get_by_role("button", name="Write a quote").click()
    dialog = fill_in(page, f"Once, {word}")
    with Traffic(page).answer_lost("Create"):
        dialog.get_by_role("button", name="Publish").click()
        expect(dialog.get_by_role("alert")).to_contain_text("be reached")
    dialog.get_by_role("button", name="Publish").click()
    expect(page.locator(".quote").first).to_contain_text(f"Once, {word}")
    written = [title for title, _ in stack.quotes().values() if title == f"Once, {word}"]
    assert len(written) == 1


def test_a_quote_corrected_after_its_answer_got_lost_is_published_as_it_is_now(
    visit: Visit, writer: Person, word: str
) -> None:
    page = visit(writer)
    page.get_by_role("button", name="Write a quote").click()
    dialog = fill_in(page, f"A slipp, {word}")
    with Traffic(page).answer_lost("Create"):
        dialog.get_by_role("button", name="Publish").click()
        expect(dialog.get_by_role("alert")).to_contain_text("be reached")
    fill_in(page, f"No slip, {word}").get_by_role("button", name="Publish").click()
    expect(page.locator(".quote").first).to_contain_text(f"No slip, {word}")


def test_what_cannot_be_published_says_why_and_stays(
    visit: Visit, writer: Person, word: str
) -> None:
    page = visit(writer)
    page.get_by_role("button", name="Write a quote").click()
    dialog = fill_in(page, "  ")
    dialog.get_by_role("button", name="Publish").click()
    text = dialog.get_by_label("What was said")
    expect(text).to_be_focused()
    expect(text).to_have_accessible_description("Must not be blank.")
    fill_in(page, word + "x" * 500)
    expect(dialog).to_contain_text("12 characters too many")
    dialog.get_by_role("button", name="Publish").click()
    expect(text).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Write a quote").click()
    expect(text).to_have_value(word + "x" * 500)


def test_without_a_login_one_is_asked_for_it_and_writes_then(visit: Visit, writer: Person) -> None:
    page = visit()
    page.get_by_role("button", name="Write a quote").click()
    dialog = page.get_by_role("dialog", name="Log in")
    dialog.get_by_label("User name").fill(writer.username)
    dialog.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Write a quote")).to_be_visible()


def test_a_login_that_runs_out_while_writing_loses_no_text(
    visit: Visit, writer: Person, word: str
) -> None:
    page = visit(writer)
    page.get_by_role("button", name="Write a quote").click()
    fill_in(page, f"Not lost, {word}")
    refusal = {"errors": [{"message": "Expired.", "extensions": {"code": "UNAUTHENTICATED"}}]}
    with Traffic(page).answered("Create", refusal, status=401):
        page.get_by_role("button", name="Publish").click()
        dialog = page.get_by_role("dialog", name="Log in")
        dialog.get_by_label("User name").fill(writer.username)
        dialog.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_label("What was said")).to_have_value(f"Not lost, {word}")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".quote").first).to_contain_text(f"Not lost, {word}")


def test_ones_own_quote_is_edited(stack: Stack, visit: Visit, writer: Person, word: str) -> None:
    quote = writer.write(f"A slipp, {word}", "Me")
    page = visit(writer, f"/?search={word}")
    page.get_by_role("button", name=f"Edit “A slipp, {word}”").click()
    dialog = page.get_by_role("dialog", name="Edit your quote")
    expect(dialog.get_by_label("Who said it")).to_have_value("Me")
    fill_in(page, f"No slip, {word}").get_by_role("button", name="Save").click()
    expect(page.locator(".quote blockquote")).to_have_text(f"No slip, {word}")
    expect(page.locator(".author")).to_have_text("Unknown")
    expect(page.get_by_role("button", name=f"Edit “No slip, {word}”")).to_be_focused()
    assert stack.quotes()[number_of(quote)][0] == f"No slip, {word}"


def test_ones_own_quote_is_deleted_when_that_is_confirmed(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"To go, {word}")
    writer.write(f"To stay, {word}")
    page = visit(writer, f"/?search={word}")
    delete = page.get_by_role("button", name=f"Delete “To go, {word}”")
    delete.click()
    dialog = page.get_by_role("dialog", name="Delete this quote?")
    expect(dialog).to_contain_text(f"“To go, {word}”")
    page.keyboard.press("Enter")  # the focus is on the way out
    expect(dialog).to_be_hidden()
    expect(delete).to_be_focused()
    assert number_of(quote) in stack.quotes()
    delete.click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator(".quote blockquote")).to_have_text([f"To stay, {word}"])
    expect(page.locator(".quote")).to_be_focused()
    assert number_of(quote) not in stack.quotes()


def test_a_deletion_whose_answer_got_lost_ends_at_the_second_try(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"To go, {word}")
    page = visit(writer, f"/?search={word}")
    page.get_by_role("button", name=f"Delete “To go, {word}”").click()
    delete = page.get_by_role("dialog").get_by_role("button", name="Delete")
    with Traffic(page).answer_lost("Delete"):
        delete.click()
        expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("be reached")
    assert number_of(quote) not in stack.quotes()
    delete.click()
    expect(page.locator(".quote")).to_have_count(0)
    expect(page.locator("#notice")).to_contain_text("Your quote is deleted.")


def test_nobody_is_offered_to_change_anothers_quote(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    writer.write(f"Mine, {word}")
    for visitor in (None, person(stack.graphql)):
        page = visit(visitor, f"/?search={word}")
        expect(page.locator(".quote")).to_have_count(1)
        expect(page.get_by_role("button", name=word)).to_have_count(1)  # to like it


def test_what_others_write_is_offered_and_moves_nothing(
    visit: Visit, writer: Person, word: str
) -> None:
    writer.write(f"Old, {word}")
    page = visit(path=f"/?search={word}")
    expect(page.locator(".quote")).to_have_count(1)
    writer.write(f"New, {word}")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#arrived")).to_have_text("1 new quote")
    expect(page.locator(".quote")).to_have_count(1)
    page.click("#arrived")
    expect(page.locator(".quote blockquote")).to_have_text([f"New, {word}", f"Old, {word}"])
    expect(page.locator("#arrived")).to_be_hidden()
