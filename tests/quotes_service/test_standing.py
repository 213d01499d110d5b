"""Who may act: each change of it is told, and ends what it has to end."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from messaging.models import OutboxEvent
from quotes_service import domain
from quotes_service.accounts import standing
from quotes_service.accounts.tokens import issue_token
from quotes_service.models import Quote, User
from rest.timestamps import timestamp
from tests.quotes_service.conftest import as_user
from tests.rest_api import Api
from tests.standings import CASES, Case, Change

pytestmark = pytest.mark.django_db
QUOTE = {"title": "To be."}


def told() -> list[tuple[str, str, dict[str, Any]]]:
    rows = OutboxEvent.objects.order_by("id")
    return [(row.type, row.key, json.loads(row.data)) for row in rows]


def state(user: User) -> dict[str, Any]:
    valid_from = user.valid_from and timestamp(user.valid_from)
    return {
        "id": user.id,
        "version": user.version,
        "active": user.is_active,
        "staff": user.is_staff,
        "valid_from": valid_from,
    }


def change(user: User, what: Change) -> None:
    match what:
        case Change.DELETED:
            domain.delete_user(user_id=user.id)
        case Change.TOKENS_ENDED:
            standing.end_tokens(user.id)
        case Change.DEACTIVATED:
            user.is_active = False
        case Change.DEMOTED | Change.PROMOTED:
            user.is_staff = what is Change.PROMOTED
        case Change.EMAIL:
            user.email = "new@example.com"
    if what not in (Change.DELETED, Change.TOKENS_ENDED):
        user.save()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_account_is_judged_as_everywhere(
    case: Case, make_user: Callable[..., User], make_quote: Callable[..., Quote]
) -> None:
    user, of_another = make_user("carol", is_staff=case.staff), make_quote()
    caller = as_user(user)
    change(user, case.change)
    written, as_staff = (
        caller("POST", "/quotes", QUOTE),
        caller("DELETE", f"/quotes/{of_another.id}"),
    )
    if case.refused:
        for response in (written, as_staff):
            assert (response.status, response.code) == (401, "invalid_token")
            assert response.body["detail"] == case.refused
    else:
        assert written.status == 201
        assert as_staff.status == (200 if case.acts_as_staff else 403)


def test_the_end_of_an_account_is_told_with_a_version_after_all_others(ann: User) -> None:
    standing.end_tokens(ann.id)
    domain.delete_user(user_id=ann.id)
    domain.delete_user(user_id=ann.id)
    assert told()[-1] == ("quotes.user.deleted", f"users/{ann.id}", {"id": ann.id, "version": 3})
    assert len(told()) == 2


def test_tokens_that_are_ended_are_refused_and_new_ones_hold_at_once(ann: User) -> None:
    earlier = as_user(ann)
    assert earlier("POST", "/quotes", QUOTE).status == 201
    standing.end_tokens(ann.id)
    refused = earlier("POST", "/quotes", QUOTE)
    assert (refused.status, refused.code) == (401, "invalid_token")
    ann.refresh_from_db()
    assert as_user(ann)("POST", "/quotes", QUOTE).status == 201


def test_tokens_ended_twice_at_once_are_all_ended(ann: User) -> None:
    """The second time those, too, that were issued in between, whatever the clock says."""
    standing.end_tokens(ann.id)
    ann.refresh_from_db()
    between = as_user(ann)
    standing.end_tokens(ann.id)
    assert between("POST", "/quotes", QUOTE).code == "invalid_token"


def test_a_clock_that_went_back_brings_no_ended_token_to_life(ann: User) -> None:
    ahead = timezone.now() + timedelta(hours=1)
    User.objects.filter(id=ann.id).update(valid_from=ahead)
    ann.refresh_from_db()
    between = as_user(ann)
    assert between("POST", "/quotes", QUOTE).status == 201
    standing.end_tokens(ann.id)
    assert between("POST", "/quotes", QUOTE).code == "invalid_token"


def test_the_end_of_tokens_is_told_with_the_whole_state(ann: User) -> None:
    standing.end_tokens(ann.id)
    ann.refresh_from_db()
    assert ann.version == 2
    assert told() == [("quotes.user.updated", f"users/{ann.id}", state(ann))]


def test_tokens_of_nobody_are_ended_without_a_word(db: None) -> None:
    assert standing.end_tokens(999_999) is None
    assert told() == []


@pytest.mark.parametrize("change", ["is_active", "is_staff"])
def test_whoever_saves_an_account_tells_what_changed(ann: User, change: str) -> None:
    setattr(ann, change, not getattr(ann, change))
    ann.save()
    ann.save()
    ann.refresh_from_db()
    assert (ann.version, ann.valid_from) == (2, None)
    assert [data for _, _, data in told()] == [state(ann)]


def test_what_says_nothing_of_who_may_act_is_not_told(ann: User) -> None:
    ann.email = "new@example.com"
    ann.save()
    ann.last_login = timezone.now()
    ann.save(update_fields=["last_login"])
    assert told() == []


def test_an_old_copy_of_an_account_never_sets_its_version_back(ann: User) -> None:
    copy = User.objects.get(id=ann.id)
    standing.end_tokens(ann.id)
    copy.is_staff = True
    copy.save(update_fields=["is_staff"])
    ann.refresh_from_db()
    assert ann.version == 3
    assert ann.valid_from is not None
    assert [data["version"] for _, _, data in told()] == [2, 3]
    assert told()[-1][2] == state(ann)


def test_a_new_password_ends_what_the_old_one_gave(ann: User) -> None:
    earlier = as_user(ann)
    ann.set_password("correct horse battery")
    ann.save()
    assert earlier("POST", "/quotes", QUOTE).code == "invalid_token"
    assert len(told()) == 1


def test_djangos_own_command_changes_a_password_like_any_other(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = as_user(ann)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "correct horse battery")
    call_command("changepassword", "ann", verbosity=0)
    assert earlier("POST", "/quotes", QUOTE).code == "invalid_token"


def test_what_is_rolled_back_ends_nothing(ann: User) -> None:
    earlier = as_user(ann)
    with transaction.atomic():
        standing.end_tokens(ann.id)
        transaction.set_rollback(True)
    assert earlier("POST", "/quotes", QUOTE).status == 201


def test_a_token_of_the_second_in_which_tokens_were_ended_is_judged_exactly(
    make_user: Callable[..., User],
) -> None:
    """Those of older releases say whole seconds: they are refused, which is the safe side."""
    user = make_user("carol")
    token = issue_token(user).token
    now = timezone.now()
    User.objects.filter(id=user.id).update(valid_from=now)
    assert Api(token)("POST", "/quotes", QUOTE).code == "invalid_token"
    user.refresh_from_db()
    assert as_user(user)("POST", "/quotes", QUOTE).status == 201
