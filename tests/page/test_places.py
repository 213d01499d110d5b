"""Addresses: what each shows when it is opened cold, and coming back to where one was."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import Visit
from tests.page.people import Person, person
from tests.page.traffic import Traffic
from tests.system.clients import number_of
from tests.system.stack import Stack

LONG = 45  # quotes: three pages
CLOSE = 2.0  # pixels


@pytest.fixture
def writer(stack: Stack) -> Person:
    """Somebody with an account."""
    return person(stack.graphql)


def expect_quotes(page: Page, *titles: str) -> None:
    """Wait until the page shows these quotes."""
    expect(page.locator(".quote blockquote")).to_have_text(list(titles))


def place_of(card: Locator) -> float:
    """Return where an element stands on the screen, in pixels from the top."""
    return float(card.evaluate("element => element.getBoundingClientRect().top"))


def expect_place(page: Page, quote_id: str, top: float) -> None:
    """Wait until a quote stands there."""
    page.wait_for_function(
        "([id, top, close]) => { const card = document.querySelector(`[data-id='${id}']`);"
        " return card && Math.abs(card.getBoundingClientRect().top - top) < close; }",
        arg=[quote_id, top, CLOSE],
    )


def scroll_to(page: Page, quote_id: str) -> float:
    """Scroll down the list until a quote stands in the middle, and return where."""
    card = page.locator(f'[data-id="{quote_id}"]')
    while not card.count():
        count = page.locator(".quote").count()
        page.mouse.wheel(0, 20_000)
        expect(page.locator(".quote").nth(count)).to_be_attached()
    card.evaluate("element => element.scrollIntoView({ block: 'center' })")
    page.wait_for_function("id => history.state?.scroll === scrollY", arg=quote_id)
    return place_of(card)


@pytest.fixture
def many(writer: Person, word: str) -> list[str]:
    """The ids of so many quotes that they take three pages, the newest first."""
    return [writer.write(f"{word} {number}", f"Author {word}") for number in range(LONG)][::-1]


def test_a_quotes_address_shows_it_and_leads_to_its_author_and_writer(
    visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"One of {word}", f"Author {word}")
    writer.write(f"Another of {word}")
    page = visit(path=f"/quotes/{number_of(quote)}")
    expect_quotes(page, f"One of {word}")
    expect(page).to_have_title(f"“One of {word}” Author {word} · Quotes in step")
    page.get_by_role("link", name=f"Author {word}").click()
    expect(page).to_have_url(re.compile(rf"/\?author=Author\+{word}$"))
    expect(page.get_by_role("heading", name=f"Author {word}")).to_be_focused()
    expect(page).to_have_title(f"Author {word} · Quotes in step")
    expect_quotes(page, f"One of {word}")
    page.get_by_role("link", name=writer.username).click()
    expect(page).to_have_url(re.compile(f"/@{writer.username}$"))
    expect_quotes(page, f"Another of {word}", f"One of {word}")
    expect(page).to_have_title(f"Shared by {writer.username} · Quotes in step")
    page.reload()
    expect_quotes(page, f"Another of {word}", f"One of {word}")
    canonical = page.locator("link[rel=canonical]")
    expect(canonical).to_have_attribute("href", page.url)


def test_back_forward_and_reload_return_to_the_same_place_in_the_list(
    visit: Visit, writer: Person, word: str, many: list[str]
) -> None:
    page = visit(path=f"/?search={word}")
    quote = many[30]
    top = scroll_to(page, quote)
    page.locator(f'[data-id="{quote}"] [data-part=address]').click()
    expect(page).to_have_url(re.compile(f"/quotes/{number_of(quote)}$"))
    expect(page.locator(".quote")).to_have_count(1)
    writer.write(f"{word} came on top meanwhile")
    page.go_back()
    expect_place(page, quote, top)
    assert page.locator(".quote").count() >= 31
    page.go_forward()
    expect(page.locator(".quote")).to_have_count(1)
    page.go_back()
    expect_place(page, quote, top)
    page.reload()
    expect_place(page, quote, top)


def test_a_reload_that_fails_at_first_returns_to_the_place_all_the_same(
    visit: Visit, word: str, many: list[str]
) -> None:
    page = visit(path=f"/?search={word}")
    top = scroll_to(page, many[30])
    with Traffic(page).cut("List"):
        page.reload()
        expect(page.locator("#failed")).to_be_visible()
    expect_place(page, many[30], top)


def test_however_far_somebody_was_coming_back_asks_for_a_bounded_number(
    visit: Visit, writer: Person, word: str
) -> None:
    writer.write(word)
    page = visit(path=f"/?search={word}")
    expect(page.locator(".quote")).to_have_count(1)
    page.evaluate("history.replaceState({ count: 1e9 }, '')")
    traffic = Traffic(page)
    quote = {"id": "1", "title": word, "author": None, "likes": 3, "likedByMe": None}
    node = quote | {"createdAt": "2026-11-25T12:00:00Z", "createdBy": None}
    more = {"hasNextPage": True, "endCursor": "c"}
    body = {"data": {"quotes": {"edges": [{"cursor": "c", "node": node}], "pageInfo": more}}}
    # The page itself keeps its place as it goes, which would be the true one.
    page.add_init_script(
        "history.replaceState({ count: 1e9 }, ''); delete window.IntersectionObserver"
    )
    with traffic.answered("List", body):
        page.reload()
        expect(page.locator(".quote blockquote")).to_have_text(word)
    wanted = [values["first"] for name, values in traffic.asked if name == "List"]
    assert wanted.count(100) == 5


def test_what_is_mine_and_what_i_like_are_a_click_away(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    mine = writer.write(f"Mine, {word}")
    other = person(stack.graphql)
    liked = other.write(f"Liked, {word}")
    other.write(f"Neither, {word}")
    writer.like(liked)
    writer.like(mine)
    page = visit(writer, "/healthz")
    # Only a refresh tells of changes, so that what it brings is seen.
    page.route(stack.product.url("live", "/**"), lambda route: route.abort())
    page.goto(stack.product.url("gateway", f"/?search={word}"))
    expect(page.locator(".quote")).to_have_count(3)
    page.get_by_role("link", name="Your quotes").click()
    expect_quotes(page, f"Mine, {word}")
    expect(page.get_by_role("link", name="Your quotes")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Your likes").click()
    expect_quotes(page, f"Mine, {word}", f"Liked, {word}")
    expect(page).to_have_url(re.compile(f"/@{writer.username}/likes$"))
    # Whoever takes a like back by mistake finds the quote where it was.
    page.get_by_role("button", name=f"Like “Liked, {word}”").click()
    expect(page.locator("#status")).to_have_text("No longer liked. 0 likes.")
    writer.update(mine, f"Still mine, {word}")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect_quotes(page, f"Still mine, {word}", f"Liked, {word}")
    page.reload()
    expect_quotes(page, f"Still mine, {word}")
    shared = page.url
    stranger = visit(path=shared.removeprefix(stack.product.url("gateway")))
    expect_quotes(stranger, f"Still mine, {word}")
    expect(stranger.locator("#places")).to_be_hidden()


def test_a_persons_quotes_have_an_order_and_their_likes_have_none(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    old = writer.write(f"Old, {word}")
    writer.write(f"New, {word}")
    writer.like(old)
    stack.wait_until_agreed()
    page = visit(path=f"/@{writer.username}")
    expect_quotes(page, f"New, {word}", f"Old, {word}")
    page.get_by_label("Most liked").check()
    expect_quotes(page, f"Old, {word}", f"New, {word}")
    page.reload()
    expect_quotes(page, f"Old, {word}", f"New, {word}")
    page.get_by_role("link", name="Liked", exact=True).click()
    expect_quotes(page, f"Old, {word}")
    expect(page.locator("#order")).to_be_hidden()
    page.go_back()
    expect_quotes(page, f"Old, {word}", f"New, {word}")
    expect(page.get_by_label("Most liked")).to_be_checked()


def test_a_name_leads_to_its_person_however_it_is_written(
    stack: Stack, visit: Visit, word: str
) -> None:
    writer = person(stack.graphql, f"Émile-{word}")
    writer.write(f"By somebody, {word}")
    page = visit(path=f"/@E\u0301mile-{word}")
    expect_quotes(page, f"By somebody, {word}")
    expect(page.get_by_role("heading", name=writer.username)).to_be_visible()
    expect(page).to_have_title(f"Shared by {writer.username} · Quotes in step")


def test_back_closes_a_dialog(visit: Visit, writer: Person, word: str) -> None:
    quote = writer.write(f"To edit, {word}")
    page = visit(writer, f"/?search={word}")
    page.locator(".quote [data-part=address]").click()
    expect(page).to_have_url(re.compile(f"/quotes/{number_of(quote)}$"))
    page.get_by_role("button", name="Edit “").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect_quotes(page, f"To edit, {word}")


def test_an_author_of_any_name_has_an_address(visit: Visit, writer: Person, word: str) -> None:
    names = [f"../{word}/?a=b&c#d%2e", f"“{word}” 100 % + 'é' <b>", f"مثل عربي {word}"]
    for name in names:
        writer.write(f"By {name}", name)
        page = visit(path=f"/?{urlencode({'author': name})}")
        expect_quotes(page, f"By {name}")
        page.locator(".author a").click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_focused()
        page.reload()
        expect_quotes(page, f"By {name}")


def test_a_search_leads_back_to_where_it_began(visit: Visit, writer: Person, word: str) -> None:
    writer.write(f"{word} first")
    writer.write(f"{word} second")
    page = visit(path=f"/@{writer.username}")
    expect(page.locator(".quote")).to_have_count(2)
    for text in (word, f"{word} fir", f"{word} first"):
        page.fill("#search", text)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(re.escape(f"/?{urlencode({'search': text})}") + "$"))
    expect_quotes(page, f"{word} first")
    expect(page).to_have_title(f"“{word} first” · Quotes in step")
    page.go_back()
    expect(page).to_have_url(re.compile(f"/@{writer.username}$"))
    expect(page.locator("#search")).to_have_value("")
    expect(page.locator(".quote")).to_have_count(2)


def test_where_nothing_is_the_page_says_so_and_leads_on(
    visit: Visit, writer: Person, word: str
) -> None:
    for path, text in (
        ("/quotes/999999999", "No such quote."),
        (f"/@{word}", "Nobody of that name."),
        (f"/@{writer.username}", f"{writer.username} has shared no quote so far."),
        (f"/@{writer.username}/likes", f"{writer.username} likes no quote so far."),
        (f"/?author={word}", f"No quote of “{word}” is here."),
    ):
        page = visit(path=path)
        expect(page.locator("#empty")).to_contain_text(text)
        page.locator("#all-quotes").click()
        expect(page.locator(".quote").first).to_be_visible()


def test_a_quotes_page_follows_what_becomes_of_it(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"To follow, {word}")
    page = visit(path="/healthz")
    with page.expect_response(stack.product.url("live", "/graphql")):
        page.goto(stack.product.url("gateway", f"/quotes/{number_of(quote)}"))
    expect_quotes(page, f"To follow, {word}")
    writer.like(quote)
    expect(page.locator(".like")).to_have_text("1")
    writer.write(f"Another, {word}")
    writer.update(quote, f"Followed, {word}")
    expect_quotes(page, f"Followed, {word}")
    expect(page.locator("#arrived")).to_be_hidden()
    writer.delete(quote)
    expect(page.locator("#empty")).to_contain_text("No such quote.")


def test_only_the_list_of_all_newest_offers_what_others_write(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"Old, {word}", f"Author {word}")
    live = stack.product.url("live", "/graphql")
    for path in (f"/@{writer.username}", f"/?author=Author+{word}", "/"):
        page = visit(path="/healthz")
        with page.expect_response(live):
            page.goto(stack.product.url("gateway", path))
        expect(page.locator(f'[data-id="{quote}"]')).to_be_visible()
        page.route("**/graphql", lambda route: route.abort())
        writer.write(f"New, {word}")
        writer.update(quote, f"After {path}, {word}")
        # What is told after it is there: so it is not coming any more.
        expect(page.locator(f'[data-id="{quote}"] blockquote')).to_contain_text(f"After {path}")
        expect(page.locator("#arrived")).to_be_visible(visible=path == "/")


def test_the_skip_link_asks_for_nothing(visit: Visit) -> None:
    page = visit()
    expect(page.locator(".quote").first).to_be_visible()
    traffic = Traffic(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#list")).to_be_focused()
    page.get_by_label("Most liked").check()
    traffic.wait_for("List")
    assert traffic.count("List") == 1


def test_without_scripts_a_quotes_page_can_be_read(visit: Visit, writer: Person, word: str) -> None:
    quote = writer.write(f"Plain, {word}", "An author")
    page = visit(path=f"/quotes/{number_of(quote)}", java_script_enabled=False)
    expect_quotes(page, f"Plain, {word}")
    expect(page.locator(".like")).to_have_text("0")
    expect(page.get_by_role("button", name="Log in")).to_be_hidden()
    page.get_by_role("link", name="An author").click()
    expect(page).to_have_title("An author · Quotes in step")


def test_the_quote_that_the_server_has_written_stands_until_the_script_knows_more(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    quote = writer.write(f"There at once, {word}")
    page = visit(writer, path="/healthz")
    traffic = Traffic(page)
    with traffic.held("One"):
        page.goto(stack.product.url("gateway", f"/quotes/{number_of(quote)}"))
        traffic.wait_for("One")
        expect_quotes(page, f"There at once, {word}")
        expect(page.locator("#skeleton")).to_be_hidden()
    expect(page.get_by_role("button", name="Edit “")).to_be_visible()
    expect(page.locator(".quote")).to_have_count(1)
