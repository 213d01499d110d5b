"""What people change of their own account on the page."""

import re
import uuid

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import Visit
from tests.page.people import PASSWORD, Person, person
from tests.page.test_account import fill_in
from tests.page.traffic import Traffic
from tests.system.stack import Stack

NEW = "another-uncommon-1815"


@pytest.fixture
def someone(stack: Stack) -> Person:
    """Somebody with an account."""
    return person(stack.graphql)


def open_settings(page: Page) -> Locator:
    """Open what one can change of one's account; return the dialog."""
    page.get_by_role("button", name="Your account").click()
    dialog = page.get_by_role("dialog", name="Your account")
    expect(dialog.get_by_role("listitem").first).to_be_visible()
    return dialog


def test_the_e_mail_address_is_kept(visit: Visit, someone: Person) -> None:
    page = visit(someone)
    dialog = open_settings(page)
    email = dialog.get_by_label("E-mail address")
    email.fill("nobody")
    dialog.get_by_role("button", name="Save").click()
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_be_focused()
    email.fill("somebody@example.com")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#notice")).to_contain_text("saved")
    expect(page.locator("#own-account")).to_be_focused()
    expect(open_settings(page).get_by_label("E-mail address")).to_have_value("somebody@example.com")


def test_who_changes_the_password_stays_logged_in_here_alone(visit: Visit, someone: Person) -> None:
    page, elsewhere = visit(someone), visit(someone)
    expect(elsewhere.locator("#username")).to_have_text(someone.username)
    dialog = open_settings(page)
    dialog.get_by_label("Present password").fill("wrong")
    dialog.get_by_label("New password").fill(NEW)
    dialog.get_by_role("button", name="Change password").click()
    wrong = dialog.get_by_label("Present password")
    expect(wrong).to_have_accessible_description("The password is wrong.")
    wrong.fill(PASSWORD)
    dialog.get_by_role("button", name="Change password").click()
    expect(page.locator("#notice")).to_contain_text("Your password is changed.")
    traffic = Traffic(page)
    page.get_by_role("button", name="Write a quote").click()
    page.get_by_label("What was said").fill("Still here")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#notice")).to_contain_text("published")
    assert traffic.count("Renew") == 0, "it goes on with the token that it was given"
    elsewhere.reload()
    expect(elsewhere.locator("#notice")).to_contain_text("Your login has run out.")
    elsewhere.click("#log-in")
    fill_in(elsewhere, "Log in", someone.username, NEW)
    expect(elsewhere.locator("#username")).to_have_text(someone.username)


def test_one_ends_a_session_elsewhere_and_then_all(visit: Visit, someone: Person) -> None:
    page, elsewhere, third = visit(someone), visit(someone), visit(someone)
    expect(elsewhere.locator("#username")).to_have_text(someone.username)
    expect(third.locator("#username")).to_have_text(someone.username)
    dialog = open_settings(page)
    entries = dialog.get_by_role("listitem")
    expect(entries).to_have_count(4)  # with that of the registration
    expect(entries.filter(has_text="This browser")).to_have_count(1)
    # The last used first: this one, and of the others the third.
    entries.nth(1).get_by_role("button", name="Log out there").click()
    expect(entries).to_have_count(3)
    expect(dialog.get_by_role("status")).to_have_text("Logged out there.")
    dialog.get_by_role("button", name="Log out everywhere").click()
    expect(page.locator("#notice")).to_contain_text("logged out everywhere: 3 sessions")
    expect(page.locator("#log-in")).to_be_focused()
    for other in (elsewhere, third):
        other.reload()
        expect(other.locator("#log-in")).to_be_visible()


def test_who_deletes_their_account_is_nobody_any_more(
    visit: Visit, someone: Person, word: str
) -> None:
    someone.write(f"Left behind, {word}")
    page = visit(someone, f"/?search={word}")
    dialog = open_settings(page)
    dialog.get_by_role("button", name="Delete my account").click()
    expect(dialog.get_by_label("Your password")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Delete my account").click()
    expect(page.locator("#notice")).to_contain_text("Your account is deleted.")
    expect(page.locator("#log-in")).to_be_focused()
    expect(page.locator(".quote")).to_contain_text("shared by someone")
    page.reload()
    expect(page.locator("#log-in")).to_be_visible()
    page.click("#log-in")
    dialog = fill_in(page, "Log in", someone.username, PASSWORD)
    expect(dialog.get_by_role("alert")).to_have_text("The username or the password is wrong.")


def test_what_can_not_be_told_of_the_account_is_said(visit: Visit, someone: Person) -> None:
    page = visit(someone)
    with Traffic(page).cut("Me"):
        page.get_by_role("button", name="Your account").click()
        dialog = page.get_by_role("dialog", name="Your account")
        expect(dialog.get_by_role("status")).to_have_text(re.compile("reached"))


def test_who_was_logged_out_elsewhere_logs_in_and_goes_on(visit: Visit, someone: Person) -> None:
    page = visit(someone)
    expect(page.locator("#username")).to_have_text(someone.username)
    open_settings(page)
    someone.ask("mutation { logout(all: true) { __typename } }")
    page.locator("#settings-email").fill(f"{uuid.uuid4().hex}@example.com")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text("Log in again to go on.")
    fill_in(page, "Log in", someone.username, PASSWORD)
    expect(page.get_by_role("dialog", name="Your account")).to_be_visible()
