"""What stands on the page while there are no quotes, and why."""

from playwright.sync_api import expect

from tests.page.conftest import Visit
from tests.page.people import person
from tests.page.traffic import Traffic
from tests.system.stack import Stack

NOTHING = {"data": {"quotes": {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}}
NOTHING_YET = {
    "data": {"quotes": {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": "far"}}}
}
QUOTES_DOWN = {
    "data": {"quotes": None},
    "errors": [
        {
            "message": "The quotes service is unavailable.",
            "path": ["quotes"],
            "extensions": {"code": "UPSTREAM_UNAVAILABLE", "service": "quotes"},
        }
    ],
}


def test_while_quotes_are_awaited_their_shapes_are_shown(visit: Visit) -> None:
    page = visit()
    with Traffic(page).held("List"):
        page.reload()
        expect(page.locator("#skeleton")).to_be_visible()
        expect(page.locator("#quotes")).to_be_hidden()
    expect(page.locator(".quote").first).to_be_visible()
    expect(page.locator("#skeleton")).to_be_hidden()


def test_a_search_without_a_find_says_so_and_can_be_cleared(visit: Visit, word: str) -> None:
    page = visit(path=f"/?search={word}")
    expect(page.locator("#empty")).to_contain_text(f"Nothing here holds “{word}”")
    page.click("#clear-search")
    expect(page.locator(".quote").first).to_be_visible()
    expect(page.locator("#search")).to_have_value("")
    expect(page.locator("#search")).to_be_focused()


def test_a_search_that_has_found_nothing_yet_looks_on_by_itself_and_then_asks(visit: Visit) -> None:
    page = visit(path="/healthz")
    traffic = Traffic(page)
    with traffic.answered("List", NOTHING_YET):
        page.goto(page.url.replace("/healthz", "/?search=rare"))
        expect(page.locator("#empty")).to_contain_text("as far as this has looked")
        afters = [values.get("after") for name, values in traffic.asked if name == "List"]
        assert afters == [None, *["far"] * 19]
    with traffic.answered("List", NOTHING):
        page.get_by_role("button", name="Look further").click()
        expect(page.locator("#empty")).to_contain_text("Nothing here holds “rare”")


def test_without_any_quote_one_is_asked_to_write_the_first(stack: Stack, visit: Visit) -> None:
    page = visit(person(stack.graphql), path="/healthz")
    with Traffic(page).answered("List", NOTHING):
        page.goto(stack.product.url("gateway"))
        expect(page.locator("#empty")).to_contain_text("Somebody has to say the first word.")
        page.click("#write-first")
        expect(page.get_by_role("dialog", name="Write a quote")).to_be_visible()


def test_what_failed_says_why_and_can_be_tried_again(visit: Visit) -> None:
    page = visit()
    traffic = Traffic(page)
    with traffic.answered("List", QUOTES_DOWN):
        page.reload()
        expect(page.locator("#failed")).to_contain_text("A service that is needed for this is down")
    too_many = {"message": "Wait a minute.", "extensions": {"code": "RATE_LIMITED"}}
    with traffic.answered("List", {"errors": [too_many]}, status=429):
        page.click("#retry")
        expect(page.locator("#failed")).to_contain_text("Wait a minute.")
    with traffic.answered("List", {}, status=502):
        page.click("#retry")
        expect(page.locator("#failed")).to_contain_text("Something went wrong at the server.")
    with traffic.cut("List"):
        page.click("#retry")
        expect(page.locator("#failed")).to_contain_text("be reached")
    page.click("#retry")
    expect(page.locator(".quote").first).to_be_visible()
    expect(page.locator("#failed")).to_be_hidden()


def test_offline_the_quotes_stay_and_what_was_missed_comes_by_itself(visit: Visit) -> None:
    page = visit()
    expect(page.locator(".quote").first).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator(".quote").first).to_be_visible()
    page.get_by_label("Most liked").check()
    expect(page.locator("#failed")).to_contain_text("You are offline.")
    page.context.set_offline(False)
    expect(page.locator("#failed")).to_be_hidden()
    expect(page.locator("#offline")).to_be_hidden()


def test_with_likes_down_the_quotes_can_still_be_read(
    stack: Stack, visit: Visit, word: str
) -> None:
    reader = person(stack.graphql)
    quote = {"id": "1", "title": word, "author": None, "likes": 3, "likedByMe": None}
    node = quote | {"createdAt": "2026-11-25T12:00:00Z", "createdBy": None}
    page_info = {"hasNextPage": False, "endCursor": "c"}
    body = {
        "data": {"quotes": {"edges": [{"cursor": "c", "node": node}], "pageInfo": page_info}},
        "errors": [
            {
                "message": "The likes service is unavailable.",
                "path": ["quotes", "edges", 0, "node", "likedByMe"],
                "extensions": {"code": "UPSTREAM_UNAVAILABLE", "service": "likes"},
            }
        ],
    }
    page = visit(reader, path="/healthz")
    traffic = Traffic(page)
    with traffic.answered("List", body):
        page.goto(stack.product.url("gateway"))
        expect(page.locator(".quote blockquote")).to_have_text(word)
        expect(page.locator(".like")).to_have_text("3")
        expect(page.locator("#partial")).to_be_visible()
