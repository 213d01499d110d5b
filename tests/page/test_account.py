"""Registering, logging in and out, and staying so."""

import uuid

from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import Visit
from tests.page.people import PASSWORD, person
from tests.page.traffic import Traffic
from tests.system.stack import Stack


def fill_in(page: Page, button: str, username: str, password: str) -> Locator:
    """Fill in the dialog that is open and send it; return the dialog."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("User name").fill(username)
    dialog.get_by_label("Password").fill(password)
    dialog.get_by_role("button", name=button, exact=True).click()
    return dialog


def open_registration(page: Page) -> None:
    """Open the dialog to register."""
    page.click("#log-in")
    page.get_by_role("button", name="New here? Register").click()
    expect(page.get_by_role("dialog", name="Register")).to_be_visible()


def test_who_registers_is_logged_in_over_reloads_until_they_log_out(visit: Visit) -> None:
    username = f"ada-{uuid.uuid4().hex[:8]}"
    page = visit()
    open_registration(page)
    fill_in(page, "Register", username, "an-uncommon-one-1815")
    expect(page.locator("#username")).to_have_text(username)
    expect(page.locator("#log-out")).to_be_focused()
    page.reload()
    expect(page.locator("#username")).to_have_text(username)
    page.click("#log-out")
    expect(page.locator("#log-in")).to_be_focused()
    page.reload()
    expect(page.locator("#log-in")).to_be_visible()
    page.click("#log-in")
    fill_in(page, "Log in", username, "an-uncommon-one-1815")
    expect(page.locator("#username")).to_have_text(username)


def test_a_wrong_password_is_said_and_nobody_logged_in(stack: Stack, visit: Visit) -> None:
    page = visit()
    page.click("#log-in")
    dialog = fill_in(page, "Log in", person(stack.graphql).username, "wrong")
    expect(dialog.get_by_role("alert")).to_have_text("The username or the password is wrong.")
    page.keyboard.press("Escape")
    expect(page.locator("#log-in")).to_be_focused()


def test_what_is_wrong_with_a_registration_stands_at_its_field(stack: Stack, visit: Visit) -> None:
    page = visit()
    open_registration(page)
    dialog = fill_in(page, "Register", person(stack.graphql).username, PASSWORD)
    name = dialog.get_by_label("User name")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    expect(name).to_have_accessible_description("A user with that username already exists.")
    fill_in(page, "Register", uuid.uuid4().hex, "123")
    password = dialog.get_by_label("Password")
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(name).not_to_have_attribute("aria-invalid", "true")


def test_other_tabs_log_out_too(stack: Stack, visit: Visit) -> None:
    someone = person(stack.graphql)
    page = visit(someone)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#username")).to_have_text(someone.username)
    page.click("#log-out")
    expect(other.locator("#log-in")).to_be_visible()


def test_a_double_click_registers_once(visit: Visit) -> None:
    username = f"ada-{uuid.uuid4().hex[:8]}"
    page = visit()
    traffic = Traffic(page)
    open_registration(page)
    page.locator("#account-username").fill(username)
    page.locator("#account-password").fill("an-uncommon-one-1815")
    with traffic.held("Register"):
        page.locator("#account-submit").dblclick()
        traffic.wait_for("Register")
    expect(page.locator("#username")).to_have_text(username)
    assert traffic.count("Register") == 1


UNAUTHENTICATED = {"errors": [{"message": "No.", "extensions": {"code": "UNAUTHENTICATED"}}]}


def test_the_end_of_an_old_login_does_not_end_a_newer_one(stack: Stack, visit: Visit) -> None:
    writer, newer = person(stack.graphql), person(stack.graphql)
    writer.write("Liked with an old login")
    page = visit(writer)
    traffic = Traffic(page)
    with traffic.held("Like", then=lambda route: route.fulfill(status=401, json=UNAUTHENTICATED)):
        page.locator(".like").first.click()
        page.click("#log-out")
        page.click("#log-in")
        fill_in(page, "Log in", newer.username, PASSWORD)
        expect(page.locator("#username")).to_have_text(newer.username)
    expect(page.get_by_role("dialog")).to_contain_text("Your login has run out.")
    expect(page.locator("#username")).to_have_text(newer.username)
    assert traffic.count("Like") == 1, "the newer one has not asked for it"


def test_a_token_that_holds_no_longer_is_renewed_and_nobody_notices(
    stack: Stack, visit: Visit, word: str
) -> None:
    someone = person(stack.graphql)
    page = visit(someone)
    expect(page.locator(".quote").first).to_be_visible()
    traffic = Traffic(page)
    someone.log_out_elsewhere()
    page.get_by_role("button", name="Write a quote").click()
    page.get_by_label("What was said").fill(f"Written in between, {word}")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#notice")).to_contain_text("published")
    expect(page.locator(".quote").first).to_contain_text(word)
    assert (traffic.count("Create"), traffic.count("Renew")) == (2, 1)


def test_no_script_can_read_what_keeps_one_logged_in(stack: Stack, visit: Visit) -> None:
    page = visit(person(stack.graphql))
    expect(page.locator(".quote").first).to_be_visible()
    kept = page.evaluate(
        "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])"
    )
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert cookies["refresh_token"]["httpOnly"]
    assert cookies["refresh_token"]["path"] == "/graphql/session"
    assert cookies["refresh_token"]["value"] not in kept
    assert "eyJ" not in kept, "no token is stored"


def test_when_the_session_has_ended_elsewhere_the_quotes_are_still_shown(
    stack: Stack, visit: Visit
) -> None:
    someone = person(stack.graphql)
    page = visit(someone)
    expect(page.locator("#username")).to_have_text(someone.username)
    home = page.url
    page.goto("about:blank")  # an open page hears of it at once, and has told it by the reload
    someone.ask("mutation { logout(all: true) { __typename } }")
    page.goto(home)
    expect(page.locator(".quote").first).to_be_visible()
    expect(page.locator("#notice")).to_contain_text("Your login has run out.")
    expect(page.locator("#log-in")).to_be_visible()
    page.reload()
    expect(page.locator(".quote").first).to_be_visible()
    expect(page.locator("#notice")).to_be_hidden()
    assert not [c for c in page.context.cookies() if c["name"] == "refresh_token"]


def test_tabs_opened_at_once_are_all_logged_in(stack: Stack, visit: Visit) -> None:
    someone = person(stack.graphql)
    tabs = [visit(someone)]
    tabs += [tabs[0].context.new_page() for _ in range(3)]
    for _ in range(2):
        for tab in tabs:
            tab.evaluate(
                "url => setTimeout(() => location.assign(url))", stack.product.url("gateway")
            )
        for tab in tabs:
            expect(tab.locator(".quote").first).to_be_visible()
            expect(tab.locator("#username")).to_have_text(someone.username)


def test_who_can_not_be_logged_out_is_told_so(stack: Stack, visit: Visit) -> None:
    someone = person(stack.graphql)
    page = visit(someone)
    with Traffic(page).cut("LogOut"):
        page.click("#log-out")
        expect(page.locator("#notice")).to_contain_text("You are still logged in.")
    expect(page.locator("#username")).to_have_text(someone.username)
