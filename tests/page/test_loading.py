"""What is asked for before the first quote is seen, and what has to be waited for in turn."""

from typing import Any

from playwright.sync_api import BrowserContext, expect

from tests.system.stack import Stack

LATER = (".woff2", ".svg")


def asked(context: BrowserContext, address: str) -> list[tuple[str, dict[str, Any]]]:
    """Load the page until a quote is seen; return the addresses asked for, each with what had the
    browser do so.
    """
    page = context.new_page()
    requests: list[tuple[str, dict[str, Any]]] = []
    network = context.new_cdp_session(page)
    network.on(
        "Network.requestWillBeSent",
        lambda event: requests.append((event["request"]["url"], event["initiator"])),
    )
    network.send("Network.enable")
    page.goto(address)
    expect(page.locator(".quote").first).to_be_visible()
    return requests


def test_the_first_quote_takes_three_round_trips(stack: Stack, context: BrowserContext) -> None:
    home = stack.product.url("gateway", "/")
    (document, _), *others = asked(context, home)
    assert document == home, "the first"
    # Live changes come by a stream of their own, and nobody waits for letters or for the icon.
    others = [each for each in others if each[0].startswith(home) and not each[0].endswith(LATER)]
    urls = [url for url, _ in others]
    first_question = urls.index(stack.graphql)
    waited_for = others[:first_question]
    assert {initiator["type"] for _, initiator in waited_for} == {"parser"}
    assert {initiator["url"] for _, initiator in waited_for} == {home}, "the second, all at once"
    late = [url for url in urls[first_question:] if "/static/" in url]
    assert late == [], "and the quotes are the third"


def test_who_comes_back_fetches_no_file_again(stack: Stack, context: BrowserContext) -> None:
    home = stack.product.url("gateway", "/")
    asked(context, home)
    page = context.new_page()
    page.goto(home)
    expect(page.locator(".quote").first).to_be_visible()
    fetched: dict[str, int] = page.evaluate(
        "Object.fromEntries(performance.getEntriesByType('resource')"
        ".map(({ name, transferSize }) => [name, transferSize]))"
    )
    files = {url: size for url, size in fetched.items() if "/static/" in url}
    assert len(files) > 10
    assert {url for url, size in files.items() if size} == set()
