"""The page in the browser's own colours, from right to left, and narrow."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.axe import faults
from tests.page.conftest import Visit
from tests.page.people import Person, person
from tests.system.stack import Stack

NARROW = {"width": 320, "height": 568}
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
ARABIC = "خير الكلام ما قل ودل"
BORDERS = """button => {
    const { borderTopWidth, borderTopStyle, borderTopColor, textDecorationLine, backgroundColor }
        = getComputedStyle(button);
    const line = borderTopStyle !== 'none' && parseFloat(borderTopWidth) > 0
        && borderTopColor !== 'rgba(0, 0, 0, 0)';
    return line || textDecorationLine === 'underline';
}"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def someone(stack: Stack) -> Person:
    """Somebody with an account."""
    return person(stack.graphql)


def box(locator: Locator) -> dict[str, float]:
    """Return where something stands."""
    found = locator.bounding_box()
    assert found
    return {
        "x": found["x"],
        "y": found["y"],
        "right": found["x"] + found["width"],
        "bottom": found["y"] + found["height"],
    }


def turned(page: Page) -> None:
    """Have the page go from right to left."""
    page.evaluate("document.documentElement.dir = 'rtl'")


def test_with_forced_colours_every_button_has_its_shape(
    visit: Visit, someone: Person, axe: str, word: str
) -> None:
    liked = someone.write(f"Liked, {word}")
    someone.write(f"Not liked, {word}")
    someone.like(liked)
    page = visit(someone, f"/?search={word}", forced_colors="active")
    expect(page.locator(".quote")).to_have_count(2)
    page.click("#own-account")
    expect(page.get_by_role("listitem").filter(has_text="This browser")).to_be_visible()
    page.evaluate("document.querySelector('#notice').hidden = false")
    buttons = page.locator("button:visible")
    assert buttons.count() > 10
    shapeless = [each for each in buttons.all() if not each.evaluate(BORDERS)]
    assert [each.evaluate("button => button.outerHTML") for each in shapeless] == []
    assert faults(page, axe) == []


def test_with_forced_colours_what_is_pressed_and_chosen_differs(
    visit: Visit, someone: Person, word: str
) -> None:
    someone.like(someone.write(f"Liked, {word}"))
    someone.write(f"Not liked, {word}")
    page = visit(someone, f"/?search={word}", forced_colors="active")
    expect(page.locator(".like[aria-pressed=true]")).to_have_count(1)

    def look(selector: str, what: str) -> str:
        style = f"element => getComputedStyle(element).{what}"
        return str(page.locator(selector).evaluate(style))

    pressed, other = ".like[aria-pressed=true]", ".like[aria-pressed=false]"
    assert look(f"{pressed} svg", "fill") != look(f"{other} svg", "fill")
    assert look(pressed, "borderTopColor") != look(other, "borderTopColor")
    chosen, not_chosen = ".switch :checked + span", ".switch :not(:checked) + span"
    line = "borderBottomColor"
    assert look(chosen, line) != look(not_chosen, line)
    expect(page.get_by_role("radio", name="Newest")).to_be_checked()


def test_on_the_narrowest_phone_nothing_is_cut_off_or_covered(
    visit: Visit, someone: Person, axe: str, word: str
) -> None:
    for text in (LONG, ARABIC, "Short", "Another"):
        someone.write(f"{text} {word}", LONG)
    page = visit(someone, f"/?search={word}", viewport=NARROW)
    expect(page.locator(".quote")).to_have_count(4)
    assert page.evaluate(SIDEWAYS) == 0
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    floating = box(page.locator(".bar"))
    last = box(page.locator(".quote").last)
    assert last["bottom"] <= floating["y"], "below the last quote is room for what floats"
    for opener in ("#own-account", ".bar button"):
        page.locator(opener).dispatch_event("click")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        assert dialog.evaluate("dialog => dialog.scrollWidth - dialog.clientWidth") == 0
        assert faults(page, axe) == []
        page.keyboard.press("Escape")


@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_that_goes_from_right_to_left_is_the_mirror_image(
    visit: Visit, someone: Person, word: str, width: int
) -> None:
    someone.write(f"{ARABIC} {word}", "مثل عربي")
    someone.write(f"From left to right {word}")
    page = visit(someone, f"/?search={word}", viewport={"width": width, "height": 700})
    expect(page.locator(".quote")).to_have_count(2)

    def places() -> list[dict[str, float]]:
        selectors = (
            "#search",
            "#search-form svg",
            ".bar button",
            ".like >> nth=0",
            ".quote figure >> nth=0",
        )
        return [box(page.locator(selector)) for selector in selectors]

    before = places()
    turned(page)
    after = places()
    for one, other in zip(before, after, strict=True):
        assert other["x"] == pytest.approx(width - one["right"], abs=1)
    assert page.evaluate(SIDEWAYS) == 0


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_each_text_stands_on_the_side_where_its_script_begins(
    visit: Visit, someone: Person, word: str, direction: str
) -> None:
    someone.write(f"{ARABIC} {word}", "مثل عربي")
    someone.write(f"From left to right {word}", "Somebody")
    page = visit(someone, f"/?search={word}")
    expect(page.locator(".quote")).to_have_count(2)
    page.evaluate("direction => (document.documentElement.dir = direction)", direction)
    for text, side in ((ARABIC, "rtl"), ("From left to right", "ltr")):
        quote = page.locator(".quote blockquote", has_text=text)
        expect(quote).to_have_css("direction", side)
        assert quote.evaluate("quote => getComputedStyle(quote).textAlign") == "start"
    expect(page.locator(".quote blockquote", has_text=ARABIC)).to_have_css(
        "letter-spacing", "normal"
    )
    page.get_by_role("button", name="Write a quote").click()
    page.get_by_label("What was said").fill(ARABIC)
    expect(page.get_by_label("What was said")).to_have_css("direction", "rtl")
