"""An audit of who may act, with a Likes that knows what the test says."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from messaging.models import OutboxEvent
from quotes_service import account_audit, clients
from quotes_service.account_audit import differences, repair
from quotes_service.accounts import standing
from quotes_service.models import User
from rest.timestamps import timestamp
from tests.examples import CONTRACTS, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[int, dict[str, Any]]:
    """What Likes knows, by account."""
    states: dict[int, dict[str, Any]] = {}

    def fetch(after: int, staff: User) -> list[dict[str, Any]]:
        ids = sorted(user_id for user_id in states if user_id > after)
        return [states[user_id] for user_id in ids[: clients.PAGE_SIZE]]

    monkeypatch.setattr(account_audit, "PAUSE", 0)
    monkeypatch.setattr(clients, "fetch_account_states", fetch)
    return states


def state(user_id: int, version: int = 0, **values: Any) -> dict[str, Any]:
    default = {"active": True, "staff": False, "valid_from": None, "deleted": False}
    return {"id": user_id, "version": version, **default, **values}


def state_of(user: User) -> dict[str, Any]:
    valid_from = timestamp(user.valid_from) if user.valid_from else None
    values = {"active": user.is_active, "staff": user.is_staff, "valid_from": valid_from}
    return state(user.id, user.version, **values)


def told() -> list[tuple[str, int, int]]:
    events = [(row.type, json.loads(row.data)) for row in OutboxEvent.objects.order_by("id")]
    return [(name, data["id"], data["version"]) for name, data in events]


def test_accounts_that_likes_knows_as_they_are_do_not_differ(
    ann: User, bob: User, staff: User, known: dict[int, dict[str, Any]]
) -> None:
    standing.end_tokens(ann.id)
    ann.refresh_from_db()
    known |= {ann.id: state_of(ann), bob.id: state(bob.id)}
    known[99] = state(99, 2, active=False, deleted=True)
    assert list(differences(staff)) == []


@pytest.mark.parametrize("wrong", ["version", "active", "staff", "valid_from"])
def test_whatever_differs_is_found_and_published_anew(
    ann: User, staff: User, known: dict[int, dict[str, Any]], wrong: str
) -> None:
    standing.end_tokens(ann.id)
    ann.refresh_from_db()
    values = {"version": 7, "active": False, "staff": True, "valid_from": None}
    known[ann.id] = state_of(ann) | {wrong: values[wrong]}
    [found] = differences(staff)
    repair(found)
    ann.refresh_from_db()
    assert told()[-1] == ("quotes.user.updated", ann.id, ann.version)
    assert ann.version > known[ann.id]["version"]


def test_what_was_changed_behind_the_back_of_save_is_found(
    ann: User, staff: User, known: dict[int, dict[str, Any]]
) -> None:
    User.objects.filter(id=ann.id).update(is_active=False)
    [found] = differences(staff)
    repair(found)
    assert told() == [("quotes.user.updated", ann.id, 2)]


@pytest.mark.parametrize("version", [0, 3])
def test_whoever_likes_and_is_gone_is_told_to_be_deleted(
    staff: User, known: dict[int, dict[str, Any]], version: int
) -> None:
    """As after an upgrade: accounts that were deleted before these events were published."""
    known[999] = state(999, version)
    [found] = differences(staff)
    repair(found)
    assert told() == [("quotes.user.deleted", 999, version + 1)]


def test_every_account_is_looked_at_however_many_there_are(
    staff: User, make_user: Callable[..., User], known: dict[int, dict[str, Any]]
) -> None:
    for number in range(10_000, 10_000 + 2 * clients.PAGE_SIZE):
        known[number] = state(number, 2, deleted=True)
    last = make_user("last", id=20_000, is_active=False)
    between = make_user("between", id=10_000 + clients.PAGE_SIZE // 2)
    found = [difference.user_id for difference in differences(staff)]
    assert found == [between.id, last.id]


def test_the_command_tells_what_differs_and_repairs_it_if_asked_to(
    ann: User, staff: User, known: dict[int, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    known[ann.id] = state(ann.id, 5, active=False)
    with pytest.raises(SystemExit, match="1"):
        call_command("audit_accounts")
    assert f"account {ann.id}: version 1, active" in capsys.readouterr().out
    assert told() == []
    call_command("audit_accounts", "--repair", "--json")
    assert json.loads(capsys.readouterr().out)["repaired"] is True
    assert told() == [("quotes.user.updated", ann.id, 6)]


def test_without_staff_the_command_says_so(ann: User) -> None:
    with pytest.raises(CommandError, match="createsuperuser"):
        call_command("audit_accounts")


def test_what_likes_answers_is_read_as_its_example(
    staff: User, make_user: Callable[..., User], known: dict[int, dict[str, Any]]
) -> None:
    items = read(CONTRACTS / "rest" / "likes" / "list_accounts.json")["body"]["items"]
    known |= {item["id"]: item for item in items}
    for item in items:
        values = {"version": max(1, item["version"]), "valid_from": item["valid_from"]}
        make_user(f"user{item['id']}", id=item["id"], **values)
    assert list(differences(staff)) == []
