"""What helps who fills in a form: errors that go, passwords that can be read, drafts that stay."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Visit
from tests.page.people import PASSWORD, Person, person
from tests.page.traffic import Traffic
from tests.system.stack import Stack

DRAFT = "Not yet thought through"


@pytest.fixture
def writer(stack: Stack) -> Person:
    """Somebody with an account."""
    return person(stack.graphql)


def write(page: Page, title: str) -> None:
    """Write a quote, and don't publish it."""
    page.get_by_role("button", name="Write a quote").click()
    page.get_by_label("What was said").fill(title)
    page.get_by_label("Who said it").fill("Somebody")


def reload(page: Page) -> None:
    """Load the page anew, and wait until it works."""
    page.reload()
    expect(page.locator("#quotes")).to_be_visible()


def log_in(page: Page, someone: Person) -> None:
    """Log in by the dialog that is open."""
    page.get_by_label("User name").fill(someone.username)
    page.locator("#account-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#username")).to_have_text(someone.username)


def test_an_error_goes_when_the_field_is_right_and_not_before(visit: Visit, writer: Person) -> None:
    page = visit(writer)
    page.get_by_role("button", name="Write a quote").click()
    page.get_by_role("button", name="Publish").click()
    title, error = page.get_by_label("What was said"), page.locator("#quote-title-error")
    expect(error).not_to_be_empty()
    title.press_sequentially("  ")
    expect(error).not_to_be_empty()
    title.press_sequentially("w")
    expect(error).to_be_empty()
    expect(title).not_to_have_attribute("aria-invalid", "true")
    title.fill("w" * 501)
    page.get_by_role("button", name="Publish").click()
    expect(error).not_to_be_empty()
    title.press("Backspace")
    expect(error).to_be_empty()


def test_a_name_that_is_taken_is_said_until_another_is_typed(visit: Visit, writer: Person) -> None:
    page = visit()
    page.click("#log-in")
    page.get_by_role("button", name="New here? Register").click()
    page.get_by_label("User name").fill(writer.username)
    page.locator("#account-password").fill("short")
    page.keyboard.press("Enter")
    name, password = (
        page.locator("#account-username-error"),
        page.locator("#account-password-error"),
    )
    expect(password).not_to_be_empty()
    page.locator("#account-password").press_sequentially("er")
    expect(password).not_to_be_empty()
    page.locator("#account-password").fill(PASSWORD)
    expect(password).to_be_empty()
    page.keyboard.press("Enter")
    expect(name).to_have_text("A user with that username already exists.")
    page.get_by_label("User name").press_sequentially("-2")
    expect(name).to_be_empty()


def test_what_is_wrong_with_a_login_goes_when_it_is_corrected(visit: Visit, writer: Person) -> None:
    page = visit()
    page.click("#log-in")
    page.get_by_label("User name").fill(writer.username)
    page.locator("#account-password").fill("wrong")
    page.keyboard.press("Enter")
    alert = page.locator("#account [role=alert]")
    expect(alert).to_have_text("The username or the password is wrong.")
    page.locator("#account-password").press_sequentially("er")
    expect(alert).to_be_empty()


def test_a_password_can_be_read_until_it_is_sent(visit: Visit, writer: Person) -> None:
    page = visit()
    page.click("#log-in")
    password = page.locator("#account-password")
    password.fill(PASSWORD)
    page.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "text")
    expect(password).to_have_value(PASSWORD)
    page.get_by_role("button", name="Hide password").click()
    expect(password).to_have_attribute("type", "password")
    page.get_by_role("button", name="Show password").click()
    page.get_by_label("User name").fill(writer.username)
    with Traffic(page).held("LogIn"):
        page.click("#account-submit")
        expect(password).to_have_attribute("type", "password")
    expect(page.locator("#username")).to_have_text(writer.username)
    page.click("#own-account")
    page.get_by_role("button", name="Show new password").click()
    expect(page.locator("#settings-new-password")).to_have_attribute("type", "text")
    page.keyboard.press("Escape")
    page.click("#own-account")
    expect(page.locator("#settings-new-password")).to_have_attribute("type", "password")


def test_who_registers_may_give_an_e_mail_address(visit: Visit) -> None:
    page = visit()
    page.click("#log-in")
    email = page.locator("#account-email")
    expect(email).to_be_hidden()
    page.get_by_role("button", name="New here? Register").click()
    username = f"ada-{uuid.uuid4().hex[:8]}"
    page.get_by_label("User name").fill(username)
    page.locator("#account-password").fill("an-uncommon-one-1815")
    email.fill("no address")
    page.click("#account-submit")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_be_focused()
    email.fill("ada@example.org")
    expect(page.locator("#account-email-error")).to_be_empty()
    page.click("#account-submit")
    expect(page.locator("#username")).to_have_text(username)
    page.click("#own-account")
    expect(page.locator("#settings-email")).to_have_value("ada@example.org")


def test_a_draft_outlives_a_reload_until_it_is_published(visit: Visit, writer: Person) -> None:
    page = visit(writer)
    write(page, DRAFT)
    reload(page)
    page.get_by_role("button", name="Write a quote").click()
    expect(page.get_by_label("What was said")).to_have_value(DRAFT)
    expect(page.get_by_label("Who said it")).to_have_value("Somebody")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#notice")).to_contain_text("published")
    reload(page)
    page.get_by_role("button", name="Write a quote").click()
    expect(page.get_by_label("What was said")).to_have_value("")


def test_a_draft_whose_answer_got_lost_is_published_once_after_a_reload_too(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    page = visit(writer)
    write(page, word)
    with Traffic(page).answer_lost("Create"):
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("be reached")
    reload(page)
    page.get_by_role("button", name="Write a quote").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#notice")).to_contain_text("published")
    page.goto(stack.product.url("gateway", f"/?search={word}"))
    expect(page.locator(".quote")).to_have_count(1)


def test_a_draft_is_not_shown_to_who_logs_in_next_nor_kept_when_its_writer_has_left(
    stack: Stack, visit: Visit, writer: Person
) -> None:
    page = visit(writer)
    write(page, DRAFT)
    page.keyboard.press("Escape")
    page.click("#log-out")
    expect(page.locator("#log-in")).to_be_visible()
    assert DRAFT not in page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    page.click("#log-in")
    log_in(page, person(stack.graphql))
    page.get_by_role("button", name="Write a quote").click()
    expect(page.get_by_label("What was said")).to_have_value("")


def test_who_logs_in_again_finds_their_draft(stack: Stack, visit: Visit, writer: Person) -> None:
    page = visit(writer)
    write(page, DRAFT)
    writer.ask("mutation { logout(all: true) { __typename } }")
    reload(page)
    expect(page.locator("#notice")).to_contain_text("Your login has run out.")
    page.get_by_role("button", name="Write a quote").click()
    log_in(page, writer)
    expect(page.get_by_label("What was said")).to_have_value(DRAFT)


def test_logging_out_keeps_the_place_in_the_list(
    stack: Stack, visit: Visit, writer: Person, word: str
) -> None:
    for number in range(25):
        writer.write(f"{number} of {word}")
    reader = person(stack.graphql)
    page = visit(reader, f"/?search={word}", viewport={"width": 390, "height": 700})
    expect(page.locator(".quote")).to_have_count(20)
    page.keyboard.press("End")
    expect(page.locator(".quote")).to_have_count(25)
    read = page.locator(".quote", has_text=f"3 of {word}").first
    read.scroll_into_view_if_needed()
    before = read.bounding_box()
    with page.expect_response(lambda response: response.url == stack.graphql):
        page.locator("#log-out").dispatch_event("click")  # a real one would scroll to the button
    expect(page.locator("#log-in")).to_be_focused()
    expect(page.locator("#quotes")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".quote")).to_have_count(25)
    assert read.bounding_box() == pytest.approx(before, abs=1)
