"""Two who change one quote, and who may: nobody's text is lost, and nothing changed unseen."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import Visit
from tests.page.people import Person, person
from tests.page.traffic import Traffic
from tests.system.clients import number_of
from tests.system.stack import Stack

_MAKE_STAFF = """
from quotes_service.models import User
User.objects.filter(username="%s").update(is_staff=True)
"""


@pytest.fixture
def writer(stack: Stack) -> Person:
    """Somebody with an account."""
    return person(stack.graphql)


@pytest.fixture
def staff(stack: Stack) -> Person:
    """A member of staff."""
    member = person(stack.graphql)
    command = _MAKE_STAFF % member.username
    stack.manage("quotes_service", "shell", "--no-imports", "--command", command)
    return member


def edit(page: Page, text: str, typed: str) -> Locator:
    """Begin to edit the quote of that text, and type another; return the dialog."""
    page.get_by_role("button", name=f"Edit “{text}”").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What was said").fill(typed)
    return dialog


def save(dialog: Locator) -> None:
    """Press the dialog's button that saves."""
    dialog.get_by_role("button", name="Save").click()


def test_an_edit_does_not_overwrite_what_somebody_else_has_made_of_it(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"First, {word}", "An author")
    page = visit(writer, f"/?search={word}")
    dialog = edit(page, f"First, {word}", f"Mine, {word}")
    writer.update(quote, f"Theirs, {word}")
    # That it is told of meanwhile makes no difference to what one has begun from.
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".quote blockquote")).to_have_text(f"Theirs, {word}")
    save(dialog)
    expect(dialog.locator("#conflict")).to_contain_text(f"Theirs, {word}")
    expect(dialog.locator("#conflict")).to_contain_text("An author")
    expect(dialog.get_by_label("What was said")).to_have_value(f"Mine, {word}")
    assert stack.quotes()[number_of(quote)][0] == f"Theirs, {word}"
    save(dialog)
    expect(dialog).to_be_hidden()
    expect(page.locator(".quote blockquote")).to_have_text(f"Mine, {word}")
    assert stack.quotes()[number_of(quote)][0] == f"Mine, {word}"


def test_what_somebody_else_has_made_of_it_can_be_taken(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"First, {word}")
    page = visit(writer, f"/?search={word}")
    dialog = edit(page, f"First, {word}", f"Mine, {word}")
    writer.update(quote, f"Theirs, {word}")
    save(dialog)
    dialog.get_by_role("button", name="Take this instead of yours").click()
    expect(dialog.locator("#conflict")).to_be_hidden()
    text = dialog.get_by_label("What was said")
    expect(text).to_have_value(f"Theirs, {word}")
    expect(text).to_be_focused()
    text.fill(f"Theirs, and mine, {word}")
    save(dialog)
    expect(page.locator(".quote blockquote")).to_have_text(f"Theirs, and mine, {word}")
    edit(page, f"Theirs, and mine, {word}", "Something else")
    expect(dialog.locator("#conflict")).to_be_hidden()


def test_an_edit_whose_answer_got_lost_is_no_conflict_with_itself(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"First, {word}")
    page = visit(writer, f"/?search={word}")
    dialog = edit(page, f"First, {word}", f"  Cafe\u0301, {word} ")
    with Traffic(page).answer_lost("Update"):
        save(dialog)
        expect(dialog.get_by_role("alert")).to_contain_text("be reached")
    save(dialog)
    expect(page.locator("#notice")).to_contain_text("Your changes are saved.")
    expect(page.locator(".quote blockquote")).to_have_text(f"Caf\u00e9, {word}")
    assert stack.quotes()[number_of(quote)][0] == f"Caf\u00e9, {word}"


def test_nobody_deletes_a_text_that_they_have_not_seen(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"First, {word}")
    page = visit(writer, f"/?search={word}")
    page.get_by_role("button", name=f"Delete “First, {word}”").click()
    dialog = page.get_by_role("dialog")
    writer.update(quote, f"Theirs, {word}")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_role("alert")).to_contain_text("It was changed meanwhile")
    expect(dialog).to_contain_text(f"“Theirs, {word}”")
    assert number_of(quote) in stack.quotes()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator(".quote")).to_have_count(0)
    assert number_of(quote) not in stack.quotes()


def test_staff_change_and_delete_what_others_have_written(
    stack: Stack, visit: Visit, writer: Person, staff: Person, word: str
) -> None:
    quote = writer.write(f"Rude, {word}")
    page = visit(staff, f"/quotes/{number_of(quote)}")
    dialog = edit(page, f"Rude, {word}", f"Polite, {word}")
    expect(dialog).to_contain_text("Edit this quote")
    save(dialog)
    expect(page.locator(".quote blockquote")).to_have_text(f"Polite, {word}")
    page.get_by_role("button", name=f"Delete “Polite, {word}”").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator("#notice")).to_contain_text("This quote is deleted.")
    expect(page.locator("#empty")).to_contain_text("No such quote.")
    assert number_of(quote) not in stack.quotes()


def test_what_one_may_is_told_for_each_deed(visit: Visit, writer: Person, word: str) -> None:
    page = visit(writer, "/healthz")
    node = {
        "id": "1",
        "title": word,
        "author": None,
        "likes": 0,
        "likedByMe": False,
        "version": 1,
        "createdAt": "2026-11-25T12:00:00Z",
        "createdBy": None,
        "viewerCanUpdate": False,
        "viewerCanDelete": True,
    }
    end = {"hasNextPage": False, "endCursor": None}
    body = {"data": {"quotes": {"edges": [{"cursor": "c", "node": node}], "pageInfo": end}}}
    with Traffic(page).answered("List", body):
        page.goto(page.url.replace("/healthz", "/"))
        expect(page.get_by_role("button", name=f"Delete “{word}”")).to_be_visible()
        expect(page.get_by_role("button", name=f"Edit “{word}”")).to_be_hidden()
