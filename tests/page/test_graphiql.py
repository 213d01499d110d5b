"""GraphiQL in a real browser, offline: all of it comes from the gateway."""

import json
import uuid
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.page.conftest import Complaints
from tests.page.people import PASSWORD, person
from tests.system.stack import Stack


def put(page: Page, name: str, query: str) -> None:
    """Put an operation of a new name into the editor."""
    page.evaluate(
        "query => document.querySelector('.graphiql-query-editor .CodeMirror')"
        ".CodeMirror.setValue(query)",
        query,
    )
    # GraphiQL looks at what is typed a moment later, and names the tab after it.
    expect(page.locator(".graphiql-tab-active")).to_contain_text(name)


def run(page: Page, name: str, query: str) -> dict[str, Any]:
    """Put an operation of a new name into the editor, run it, and return what is shown."""
    put(page, name, query)
    with page.expect_response(lambda response: response.request.method == "POST") as asked:
        page.click(".graphiql-execute-button")
    shown = page.locator(".result-window .CodeMirror-code")
    expect(shown).to_contain_text('"data"')
    body: dict[str, Any] = json.loads(asked.value.text())
    return body


def test_the_first_example_runs_and_nothing_comes_from_elsewhere(
    stack: Stack, context: BrowserContext
) -> None:
    page, complaints = context.new_page(), Complaints()
    complaints.watch(page, stack.product.url("gateway"))
    page.goto(stack.graphql)
    expect(page.locator(".graphiql-tab")).to_have_count(4)
    page.click(".graphiql-execute-button")
    expect(page.locator(".result-window")).to_contain_text('"createdBy"')
    assert complaints == []


def test_one_registers_logs_in_creates_and_likes_in_a_row(
    stack: Stack, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(stack.graphql)
    page.wait_for_selector(".graphiql-execute-button")
    account = f'input: {{ username: "{uuid.uuid4().hex}", password: "an-uncommon-one-1815" }}'
    for name in ("register", "login"):
        fields = f"{name}({account}) {{ ... on LoginPayload {{ token }} }}"
        body = run(page, name.title(), f"mutation {name.title()} {{ {fields} }}")
        assert body["data"][name]["token"]
    created = run(
        page,
        "Create",
        'mutation Create { createQuote(input: { title: "Typed in" })'
        " { ... on Quote { id likes } } }",
    )["data"]["createQuote"]
    assert created["likes"] == 0
    liked = run(
        page,
        "Like",
        f'mutation Like {{ likeQuote(input: {{ quoteId: "{created["id"]}" }})'
        " { ... on Quote { likes likedByMe } } }",
    )
    assert liked["data"]["likeQuote"] == {"likes": 1, "likedByMe": True}
    stack.wait_until_agreed()
    listed = run(page, "Newest", "query Newest { quotes(first: 1) { nodes { id likes } } }")
    assert listed["data"]["quotes"]["nodes"] == [{"id": created["id"], "likes": 1}]


def test_the_session_goes_on_and_nothing_that_is_typed_is_stored(
    stack: Stack, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(stack.graphql)
    page.evaluate("localStorage.setItem('graphiql:query', 'of an earlier release')")
    page.reload()
    page.wait_for_selector(".graphiql-execute-button")
    someone = person(stack.graphql)
    account = f'input: {{ username: "{someone.username}", password: "{PASSWORD}" }}'
    fields = "... on LoginPayload { token refreshToken }"
    run(page, "Login", f"mutation Login {{ login({account}) {{ {fields} }} }}")
    someone.log_out_elsewhere()
    put(
        page,
        "Create",
        'mutation Create { createQuote(input: { title: "Later" })'
        " { ... on Quote { title } ... on OperationInfo { messages { code } } } }",
    )
    with page.expect_response(
        lambda response: "RefreshSession" in (response.request.post_data or "")
    ):
        page.click(".graphiql-execute-button")
    expect(page.locator(".result-window .CodeMirror-code")).to_contain_text('"Later"')
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "password" not in kept
    assert "earlier release" not in kept
    assert PASSWORD not in kept
