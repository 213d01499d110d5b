"""What one does, others see at once: in a second window, and in GraphiQL."""

from playwright.sync_api import BrowserContext, expect

from tests.page.conftest import Visit
from tests.page.people import person
from tests.system.stack import Stack

LISTEN = """subscription Listen { quoteChanged { change quote { title } } }"""


def test_a_second_window_shows_likes_and_new_quotes_without_a_jump(
    stack: Stack, visit: Visit, word: str
) -> None:
    writer, reader = person(stack.graphql), person(stack.graphql)
    quote = writer.write(f"To like, {word}")
    live = stack.product.url("live", "/graphql")
    ours = visit(writer, f"/?search={word}")
    other = visit(reader, "/healthz")
    with other.expect_response(live):
        other.goto(stack.product.url("gateway", "/"))
    card = other.locator(f'[data-id="{quote}"]')
    expect(card.locator(".like")).to_have_text("0")
    # It asks for nothing more by itself: what it shows from now on, it was told.
    other.route("**/graphql", lambda route: route.abort())
    place = card.bounding_box()
    ours.locator(f'[data-id="{quote}"] .like').click()
    expect(card.locator(".like")).to_have_text("1")
    writer.write(f"Another, {word}")
    expect(other.locator("#arrived")).to_have_text("1 new quote")
    writer.update(quote, f"Edited, {word}")
    expect(card.locator("blockquote")).to_have_text(f"Edited, {word}")
    found = card.bounding_box()
    assert place is not None
    assert found is not None
    assert found["x"] == place["x"]


def test_graphiql_runs_a_subscription(stack: Stack, context: BrowserContext, word: str) -> None:
    page = context.new_page()
    page.goto(stack.graphql)
    page.wait_for_selector(".graphiql-execute-button")
    page.evaluate(
        "query => document.querySelector('.graphiql-query-editor .CodeMirror')"
        ".CodeMirror.setValue(query)",
        LISTEN,
    )
    expect(page.locator(".graphiql-tab-active")).to_contain_text("Listen")
    with page.expect_response(stack.product.url("live", "/graphql")):
        page.click(".graphiql-execute-button")
    person(stack.graphql).write(f"Heard, {word}")
    expect(page.locator(".result-window .CodeMirror-code")).to_contain_text(f"Heard, {word}")
