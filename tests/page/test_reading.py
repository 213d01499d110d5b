"""Looking at quotes: order, search, endless scrolling, and text of all kinds."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Complaints, Visit
from tests.page.people import person
from tests.page.traffic import Traffic
from tests.system.stack import Stack

WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"


def titles(page: Page) -> list[str]:
    """Return the texts of the quotes on the page."""
    return page.locator(".quote blockquote").all_text_contents()


def test_quotes_are_listed_newest_first_or_most_liked_first(
    stack: Stack, visit: Visit, word: str
) -> None:
    writer = person(stack.graphql)
    old = writer.write(f"{word} old", "Somebody")
    writer.write(f"{word} new")
    writer.like(old)
    stack.wait_until_agreed()
    page = visit(path=f"/?search={word}")
    expect(page.locator(".quote")).to_have_count(2)
    assert titles(page) == [f"{word} new", f"{word} old"]
    expect(page.locator(".author")).to_have_text(["Unknown", "Somebody"])
    page.get_by_label("Most liked").check()
    expect(page.locator(".quote blockquote")).to_have_text([f"{word} old", f"{word} new"])
    expect(page.locator(".like")).to_have_text(["1", "0"])
    page.reload()
    expect(page.locator(".quote blockquote")).to_have_text([f"{word} old", f"{word} new"])


def test_the_page_runs_without_an_error_and_asks_nobody_but_the_gateway(
    stack: Stack, visit: Visit
) -> None:
    page, complaints = visit(path="/healthz"), Complaints()
    complaints.watch(page, stack.product.url("gateway"), stack.product.url("live"))
    page.goto(stack.product.url("gateway"))
    expect(page.locator(".quote").first).to_be_visible()
    page.evaluate("document.fonts.ready.then(() => null)")
    assert complaints == []


def test_typing_searches_once_after_a_pause(stack: Stack, visit: Visit, word: str) -> None:
    writer = person(stack.graphql)
    writer.write(f"first {word}")
    writer.write("second", f"author {word}")
    page = visit()
    expect(page.locator(".quote").first).to_be_visible()
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))
    traffic = Traffic(page)
    page.locator("#search").press_sequentially(word)
    page.clock.run_for(1_000)
    expect(page.locator(".quote blockquote")).to_have_text(["second", f"first {word}"])
    expect(page).to_have_url(re.compile(f"search={word}"))
    expect(page.locator("#status")).to_have_text(f"2 quotes for “{word}”.")
    assert [values["search"] for name, values in traffic.asked if name == "List"] == [word]


def test_an_older_search_is_given_up_and_its_answer_replaces_nothing(
    stack: Stack, visit: Visit, word: str
) -> None:
    writer = person(stack.graphql)
    writer.write(f"{word} one")
    writer.write(f"{word} two")
    page = visit()
    traffic = Traffic(page)
    with traffic.held("List"):
        page.fill("#search", f"{word} one")
        page.keyboard.press("Enter")
        traffic.wait_for("List")
        with page.expect_event("requestfailed"):
            page.fill("#search", f"{word} two")
            page.keyboard.press("Enter")
        traffic.wait_for("List", 2)
    expect(page.locator(".quote blockquote")).to_have_text([f"{word} two"])


def test_scrolling_brings_page_after_page_until_all_are_there_once(
    stack: Stack, visit: Visit, word: str
) -> None:
    writer = person(stack.graphql)
    for number in range(45):
        writer.write(f"{word} {number}")
    page = visit(path=f"/?search={word}")
    for count in (20, 40, 45):
        expect(page.locator(".quote").nth(count - 1)).to_be_attached()
        page.mouse.wheel(0, 20_000)
    expect(page.locator(".quote")).to_have_count(45)
    assert titles(page) == [f"{word} {number}" for number in reversed(range(45))]
    expect(page.locator("#more")).to_be_hidden()


def test_a_quote_that_moves_to_the_next_page_meanwhile_stays_where_it_is_shown(
    stack: Stack, visit: Visit, word: str
) -> None:
    writer = person(stack.graphql)
    ids = [writer.write(f"{word} {number}") for number in range(21)]
    for quote_id in ids[1:]:
        writer.like(quote_id)
    stack.wait_until_agreed()
    page = visit(path="/healthz")
    page.add_init_script("delete window.IntersectionObserver")
    page.goto(stack.product.url("gateway", f"/?search={word}&order=most-liked"))
    expect(page.locator(".quote")).to_have_count(20)
    writer.unlike(ids[-1])  # the first on the page
    stack.wait_until_agreed()
    page.locator("#more button").press("Enter")
    expect(page.locator("#status")).to_have_text("1 more quote loaded.")
    assert titles(page) == [f"{word} {number}" for number in reversed(range(21))]


def test_without_scrolling_a_button_brings_more(stack: Stack, visit: Visit, word: str) -> None:
    writer = person(stack.graphql)
    for number in range(21):
        writer.write(f"{word} {number}")
    page = visit(path="/healthz")
    page.add_init_script("delete window.IntersectionObserver")
    page.goto(stack.product.url("gateway", f"/?search={word}"))
    expect(page.locator(".quote")).to_have_count(20)
    traffic = Traffic(page)
    button = page.locator("#more button")
    with traffic.cut("List"):
        button.press("Enter")
        expect(page.locator("#more")).to_contain_text("Try again")
    button.press("Enter")
    expect(page.locator(".quote")).to_have_count(21)
    expect(page.locator("#status")).to_have_text("1 more quote loaded.")


def test_markup_in_a_quote_is_text(stack: Stack, visit: Visit, word: str) -> None:
    markup = f"<img src=/{word} onerror=alert(1)><script>alert(1)</script>&amp;"
    person(stack.graphql).write(markup, f"<b>{word}</b>")
    page = visit(path=f"/?search={word}")
    expect(page.locator(".quote blockquote")).to_have_text(markup)
    expect(page.locator(".author")).to_have_text(f"<b>{word}</b>")
    assert page.locator(".quote img, .quote script, .quote b").count() == 0


@pytest.mark.parametrize("width", [320, 1280])
def test_text_of_any_length_and_direction_stays_in_its_place(
    stack: Stack, visit: Visit, word: str, width: int
) -> None:
    writer = person(stack.graphql)
    writer.write(f"{word} {'W' * 480}", "A" * 100)
    writer.write(f"الكلمة الطيبة صدقة، والصمت حكمة {word}", "مثل عربي")
    page = visit(path=f"/?search={word}", viewport={"width": width, "height": 700})
    expect(page.locator(".quote")).to_have_count(2)
    scroll, client = page.evaluate(WIDTHS)
    assert scroll <= client
    directions = "els => els.map(el => getComputedStyle(el).direction)"
    assert page.locator(".quote blockquote").evaluate_all(directions) == ["rtl", "ltr"]


def test_with_reduced_motion_nothing_moves(visit: Visit) -> None:
    page = visit()
    expect(page.locator(".quote").first).to_be_visible()
    page.click("#log-in")
    assert page.evaluate("document.getAnimations().length") == 0
    page = visit(reduced_motion="no-preference")
    with Traffic(page).held("List"):
        page.reload()
        page.locator("#skeleton").wait_for()
        assert page.evaluate("document.getAnimations().length") > 0
