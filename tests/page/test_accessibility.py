"""Everybody can use the page: what axe finds in each of its states, and the keyboard alone."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from tests.page.axe import faults
from tests.page.conftest import Visit
from tests.page.people import Person, person
from tests.page.test_states import NOTHING, QUOTES_DOWN
from tests.page.traffic import Traffic
from tests.system.clients import number_of
from tests.system.stack import Stack

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
TOPMOST = """(() => {
    const focused = document.activeElement;
    const { left, top, width, height } = focused.getBoundingClientRect();
    const there = document.elementFromPoint(left + width / 2, top + height / 2);
    return focused.contains(there) || there.contains(focused);
})()"""
LOOKS = [("light", DESKTOP), ("dark", DESKTOP), ("light", PHONE), ("dark", PHONE)]


@pytest.fixture
def someone(stack: Stack) -> Person:
    """Somebody with an account."""
    return person(stack.graphql)


@pytest.mark.parametrize(("scheme", "viewport"), LOOKS)
def test_the_list_and_each_dialog_have_no_fault(
    visit: Visit,
    someone: Person,
    axe: str,
    word: str,
    scheme: str,
    viewport: dict[str, int],
) -> None:
    someone.like(someone.write(f"Liked, {word}", "An author"))
    someone.write(f"كلمة {word}")
    page = visit(someone, f"/?search={word}", color_scheme=scheme, viewport=viewport)
    expect(page.locator(".quote")).to_have_count(2)
    assert faults(page, axe) == []
    page.get_by_role("button", name="Delete").first.click()
    assert faults(page, axe) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Write a quote").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_label("What was said")).to_have_attribute("aria-invalid", "true")
    assert faults(page, axe) == []
    page.keyboard.press("Escape")
    page.click("#own-account")
    expect(page.get_by_role("listitem").filter(has_text="This browser")).to_be_visible()
    assert faults(page, axe) == []
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_label("Your password")).to_have_attribute("aria-invalid", "true")
    assert faults(page, axe) == []
    page.keyboard.press("Escape")
    page.click("#log-out")
    expect(page.locator("#notice")).to_be_visible()
    assert faults(page, axe) == []
    page.click("#log-in")
    page.get_by_role("button", name="Log in", exact=True).last.click()
    expect(page.get_by_role("dialog").get_by_role("alert")).not_to_be_empty()
    assert faults(page, axe) == []


@pytest.mark.parametrize(("scheme", "viewport"), LOOKS)
def test_each_place_has_no_fault(
    visit: Visit,
    someone: Person,
    axe: str,
    word: str,
    scheme: str,
    viewport: dict[str, int],
) -> None:
    quote = someone.write(f"Of {word}", f"Author {word}")
    someone.like(quote)
    page = visit(someone, "/healthz", color_scheme=scheme, viewport=viewport)
    for path in (
        f"/quotes/{number_of(quote)}",
        f"/@{someone.username}",
        f"/@{someone.username}/likes",
        f"/?author=Author+{word}",
    ):
        page.goto(urljoin(page.url, path))
        expect(page.locator(".quote")).to_have_count(1)
        expect(page.get_by_role("button", name="Edit")).to_be_visible()
        assert faults(page, axe) == []
    page.get_by_role("button", name="Edit").click()
    someone.update(quote, f"Changed, {word}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#conflict")).to_be_visible()
    assert faults(page, axe) == []
    page.goto(urljoin(page.url, f"/@{word}"))
    expect(page.locator("#empty")).to_be_visible()
    assert faults(page, axe) == []


@pytest.mark.parametrize("kind", ["a quote", "nothing"])
def test_what_stands_without_scripts_has_no_fault(
    visit: Visit, someone: Person, axe: str, word: str, kind: str
) -> None:
    number = number_of(someone.write(word)) if kind == "a quote" else 999_999_999
    page = visit(path="/healthz")
    # Scripts of the page are kept away; axe is one, too.
    page.route("**/*.js", lambda route: route.abort())
    page.goto(urljoin(page.url, f"/quotes/{number}"))
    expect(page.locator(".quote, #empty")).not_to_have_count(0)
    assert faults(page, axe) == []


@pytest.mark.parametrize(("scheme", "viewport"), LOOKS)
def test_what_stands_in_place_of_quotes_has_no_fault(
    stack: Stack, visit: Visit, axe: str, scheme: str, viewport: dict[str, int]
) -> None:
    page = visit(path="/healthz", color_scheme=scheme, viewport=viewport)
    traffic = Traffic(page)
    with traffic.held("List"):
        page.goto(stack.product.url("gateway"))
        expect(page.locator("#skeleton")).to_be_visible()
        assert faults(page, axe) == []
    expect(page.locator(".quote").first).to_be_visible()
    for body, state in ((NOTHING, "#empty"), (QUOTES_DOWN, "#failed")):
        with traffic.answered("List", body):
            page.reload()
            expect(page.locator(state)).to_be_visible()
            assert faults(page, axe) == []
    page.context.set_offline(True)
    page.click("#retry")
    expect(page.locator("#failed")).to_contain_text("You are offline.")
    expect(page.locator("#offline")).to_be_visible()
    assert faults(page, axe) == []


def test_the_keyboard_reaches_the_quotes_first_and_then_everything(
    visit: Visit, someone: Person, word: str
) -> None:
    someone.write(f"Mine, {word}", "An author")
    page = visit(someone, f"/?search={word}")
    expect(page.locator(".quote")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the quotes")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#list")).to_be_focused()
    for locator in (
        page.get_by_label("Search the quotes"),
        page.get_by_label("Newest"),
        page.get_by_role("link", name="An author"),
        page.locator(".quote").get_by_role("link", name=someone.username),
        page.locator(".quote").get_by_role("link", name=f"“Mine, {word}”"),
        page.get_by_role("button", name=f"Edit “Mine, {word}”"),
        page.get_by_role("button", name=f"Delete “Mine, {word}”"),
        page.get_by_role("button", name=f"Like “Mine, {word}”"),
    ):
        page.keyboard.press("Tab")
        expect(locator).to_be_focused()
    page.get_by_label("Newest").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Most liked")).to_be_checked()
    expect(page.locator(".quote")).to_have_count(1)


def test_nothing_that_floats_covers_what_has_the_focus(
    visit: Visit, someone: Person, word: str
) -> None:
    for number in range(12):
        someone.write(f"{word} {number}")
    page = visit(someone, f"/?search={word}", viewport=PHONE)
    expect(page.locator(".quote")).to_have_count(12)
    page.get_by_label("Newest").focus()
    for key in ["Tab"] * 60 + ["Shift+Tab"] * 59:
        page.keyboard.press(key)
        assert page.evaluate(TOPMOST), page.evaluate("document.activeElement.outerHTML")


def test_a_dialog_takes_the_focus_and_gives_it_back(visit: Visit) -> None:
    page = visit()
    page.locator("#log-in").press("Enter")
    expect(page.get_by_role("dialog").get_by_label("User name")).to_be_focused()
    for _ in range(8):  # once around, through the browser's own parts
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body"
            " || document.activeElement.closest('dialog') !== null"
        )
    page.keyboard.press("Escape")
    expect(page.locator("#log-in")).to_be_focused()


def test_a_notice_can_be_closed_and_the_focus_goes_on(visit: Visit, someone: Person) -> None:
    page = visit(someone)
    page.click("#log-out")
    page.get_by_role("button", name="Close this notice").press("Enter")
    expect(page.locator("#notice")).to_be_hidden()
    expect(page.locator("#list")).to_be_focused()
