"""Who may act is known by the replica of the accounts, and judged as Quotes judges it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from identity.accounts import AccountState, apply_account_states
from identity.models import Account
from identity.tokens import verify
from likes_service.handlers import HANDLERS
from likes_service.models import Like, Quote
from messaging.events import Event
from messaging.schemas import check_data
from rest.timestamps import timestamp
from tests.examples import CONTRACTS, read
from tests.likes_service.conftest import as_user
from tests.rest_api import Api
from tests.signed_tokens import token_of
from tests.standings import CASES, Case, Change

pytestmark = pytest.mark.django_db


def tell(event_type: str, **data: Any) -> None:
    """Have an event of Quotes handled."""
    check_data(event_type, data)
    event = Event(type=event_type, source="/quotes", subject=f"users/{data['id']}", data=data)
    HANDLERS[event_type]([event])


def updated(user_id: int = 5, version: int = 2, **values: Any) -> None:
    state = {"active": True, "staff": False, "valid_from": None} | values
    tell("quotes.user.updated", id=user_id, version=version, **state)


def change(case: Case) -> None:
    match case.change:
        case Change.DELETED:
            tell("quotes.user.deleted", id=5, version=2)
        case Change.TOKENS_ENDED:
            updated(staff=case.staff, valid_from=timestamp(datetime.now(UTC)))
        case Change.DEACTIVATED:
            updated(staff=case.staff, active=False)
        case Change.DEMOTED | Change.PROMOTED:
            updated(staff=case.change is Change.PROMOTED)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_account_is_judged_as_everywhere(case: Case, make_quote: Callable[..., Quote]) -> None:
    make_quote()
    caller = Api(token_of(5, staff=case.staff))
    change(case)
    written = caller("POST", "/quotes/7/like")
    as_staff = caller("POST", "/likes/counts", body={"quotes": [7]})
    if case.refused:
        for response in (written, as_staff):
            assert (response.status, response.code) == (401, "invalid_token")
            assert response.body["detail"] == case.refused
        assert not Like.objects.exists()
    else:
        assert written.status == 201
        assert as_staff.status == (202 if case.acts_as_staff else 403)


def test_a_token_issued_after_the_others_were_ended_holds(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    updated(valid_from=timestamp(datetime.now(UTC)))
    assert as_user(5)("POST", "/quotes/7/like").status == 201


def test_what_everybody_may_read_is_read_with_any_token(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    updated(active=False)
    assert as_user(5)("GET", "/quotes/7").status == 200


def test_the_standing_costs_a_write_one_statement(
    make_quote: Callable[..., Quote],
    settings: Settings,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    make_quote(7)
    like = as_user(5)
    settings.ACCOUNT_STANDING, with_check = "", settings.ACCOUNT_STANDING
    with CaptureQueriesContext(connection) as without:
        assert like("POST", "/quotes/7/like").status == 201
    count = len(without)
    like("DELETE", "/quotes/7/like")
    settings.ACCOUNT_STANDING = with_check
    with django_assert_num_queries(count + 1):
        assert like("POST", "/quotes/7/like").status == 201


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1, 2)])
def test_of_all_states_the_newest_is_kept_in_whatever_order_they_come(
    order: tuple[int, ...],
) -> None:
    for version in order:
        updated(version=version, active=version != 2)
    assert Account.objects.get().version == 3
    states = [AccountState(6, version, active=version == 3) for version in order]
    apply_account_states(states)
    assert Account.objects.get(id=6).version == 3


def test_a_deleted_account_comes_back_by_no_event() -> None:
    tell("quotes.user.deleted", id=5, version=2)
    updated(version=9)
    account = Account.objects.get()
    assert (account.deleted, account.active, account.version) == (True, False, 2)


def test_times_are_kept_to_the_microsecond() -> None:
    time = datetime(2026, 11, 27, 8, 30, 0, 123457, UTC)
    updated(valid_from=timestamp(time))
    assert Account.objects.get().valid_from == time
    with_zone = time.astimezone().isoformat()
    updated(version=3, valid_from=with_zone)
    assert Account.objects.get().valid_from == time


def test_a_token_is_judged_to_the_microsecond(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    token = token_of(5)
    issued_at = verify(token).issued_at
    updated(valid_from=timestamp(issued_at))
    assert Api(token)("POST", "/quotes/7/like").status == 201
    updated(version=3, valid_from=timestamp(issued_at + timedelta(microseconds=1)))
    assert Api(token)("DELETE", "/quotes/7/like").code == "invalid_token"


@pytest.mark.parametrize("name", ["quotes.user.updated", "quotes.user.deleted"])
def test_the_events_of_quotes_are_followed_as_their_examples_are(name: str) -> None:
    example = read(CONTRACTS / "events" / f"{name}.json")
    tell(name, **example["data"])
    account = Account.objects.get()
    assert (account.id, account.version) == (example["data"]["id"], example["data"]["version"])
    assert account.deleted is name.endswith("deleted")


def test_staff_see_who_is_known_or_likes_anything_in_pages(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    updated(user_id=9, active=False)
    tell("quotes.user.deleted", id=3, version=2)
    for user_id in (5, 7, 9):
        Like.objects.create(user_id=user_id, quote_id=7, created_at=datetime.now(UTC))
    staff = Api(token_of(1, staff=True))
    assert [item["id"] for item in staff("GET", "/accounts").body["items"]] == [3, 5, 7, 9]
    [second, third] = staff("GET", "/accounts?after=3&limit=2").body["items"]
    assert (second["id"], second["version"], third["id"]) == (5, 0, 7)
    [last] = staff("GET", "/accounts?after=7").body["items"]
    values = {"version": 2, "active": False, "staff": False, "valid_from": None, "deleted": False}
    assert last == {"id": 9, **values}


@pytest.mark.parametrize("query", ["after=-1", "after=x", f"after={2**63}", "limit=0", "limit=101"])
def test_wrong_pages_of_accounts_are_refused(query: str) -> None:
    assert Api(token_of(1, staff=True))("GET", f"/accounts?{query}").status == 422


def test_nobody_but_staff_sees_who_may_act() -> None:
    assert as_user(5)("GET", "/accounts").code == "permission_denied"
    assert Api()("GET", "/accounts").code == "not_authenticated"
