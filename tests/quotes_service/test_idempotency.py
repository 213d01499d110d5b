"""The same request sent twice writes one quote."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.models import OutboxEvent
from quotes_service import domain
from quotes_service.models import IdempotencyKey, Quote, User
from tests.quotes_service.conftest import as_user

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "5f1d6c1e"}
BODY = {"title": "To be.", "author": "Hamlet"}


def test_a_repeated_request_answers_the_same_quote(ann: User) -> None:
    caller = as_user(ann)
    first = caller("POST", "/quotes", BODY, KEY)
    again = caller("POST", "/quotes", {"author": " Hamlet", "title": "To be. "}, KEY)
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (Quote.objects.count(), OutboxEvent.objects.count()) == (1, 1)


@pytest.mark.parametrize("other", [{"title": "Or not."}, {"author": "Ophelia"}, {"author": None}])
def test_the_key_with_another_request_is_refused(ann: User, other: dict[str, Any]) -> None:
    caller = as_user(ann)
    caller("POST", "/quotes", BODY, KEY)
    response = caller("POST", "/quotes", BODY | other, KEY)
    assert (response.status, response.code) == (422, "idempotency_key_reused")
    assert Quote.objects.count() == 1


def test_two_users_may_choose_the_same_key(ann: User, bob: User) -> None:
    callers = [as_user(user) for user in (ann, bob)]
    first, again = (
        [caller("POST", "/quotes", BODY, KEY).body["id"] for caller in callers] for _ in range(2)
    )
    assert len(set(first)) == 2
    assert again == first, "each is answered their own"


def test_without_a_key_each_request_writes_a_quote(ann: User) -> None:
    caller = as_user(ann)
    assert caller("POST", "/quotes", BODY).body["id"] != caller("POST", "/quotes", BODY).body["id"]


def test_a_repeat_after_the_quote_was_deleted_writes_no_second_one(ann: User) -> None:
    caller = as_user(ann)
    quote_id = caller("POST", "/quotes", BODY, KEY).body["id"]
    caller("DELETE", f"/quotes/{quote_id}")
    response = caller("POST", "/quotes", BODY, KEY)
    assert (response.status, response.code) == (404, "not_found")
    assert "deleted" in response.body["detail"]
    assert not Quote.objects.exists()


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 256, "ключ", "a\tb"])
def test_a_key_that_is_not_visible_ascii_is_refused(ann: User, key: str) -> None:
    response = as_user(ann)("POST", "/quotes", BODY, {"Idempotency-Key": key})
    assert (response.status, response.field_codes) == (422, {"Idempotency-Key": "invalid"})


def test_the_longest_key_is_kept(ann: User) -> None:
    assert as_user(ann)("POST", "/quotes", BODY, {"Idempotency-Key": "k" * 255}).status == 201


def test_a_refused_request_does_not_use_up_its_key(ann: User) -> None:
    caller = as_user(ann)
    assert caller("POST", "/quotes", {"title": ""}, KEY).status == 422
    assert caller("POST", "/quotes", BODY, KEY).status == 201


def test_a_request_repeated_after_a_day_is_still_known(ann: User) -> None:
    first, _ = domain.create_quote_once(user_id=ann.id, key="yesterday", title="To be.")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=1))
    for number in range(2 * domain.KEYS_A_ROUND):
        domain.create_quote_once(user_id=ann.id, key=f"today {number}", title="To be.")
    again = domain.create_quote_once(user_id=ann.id, key="yesterday", title="To be.")
    assert again == (first, True)


def test_old_keys_are_forgotten(ann: User) -> None:
    for number in range(domain.KEYS_A_ROUND):
        domain.create_quote_once(user_id=ann.id, key=f"old {number}", title="To be.")
    long_ago = timezone.now() - domain.KEY_RETENTION - timedelta(minutes=1)
    IdempotencyKey.objects.update(created_at=long_ago)
    new = [f"new {number}" for number in range(domain.KEYS_A_ROUND)]
    for key in new:
        domain.create_quote_once(user_id=ann.id, key=key, title="To be.")
    assert list(IdempotencyKey.objects.order_by("id").values_list("key", flat=True)) == new


def test_a_key_forgotten_just_as_it_is_used_again_writes_the_quote(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = domain.create_quote_once(user_id=ann.id, key="old", title="To be.")
    find = domain._made_with

    def forgotten_meanwhile(*arguments: Any) -> Quote | None:
        IdempotencyKey.objects.all().delete()
        return find(*arguments)

    monkeypatch.setattr(domain, "_made_with", forgotten_meanwhile)
    second, replayed = domain.create_quote_once(user_id=ann.id, key="old", title="To be.")
    assert not replayed
    assert second.id != first.id
    assert IdempotencyKey.objects.get().quote_id == second.id


def test_a_round_that_forgets_keys_locks_them_last(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With them locked it would wait for a round that uses one of them, and that one for it."""
    monkeypatch.setattr(domain, "KEYS_A_ROUND", 1)
    with CaptureQueriesContext(connection) as captured:
        domain.create_quote_once(user_id=ann.id, key="key", title="To be.")
    touched = [each["sql"] for each in captured if "idempotencykey" in each["sql"]]
    assert touched[0].startswith("INSERT")
    assert len(touched) > 1


def test_a_new_quote_costs_few_statements(
    ann: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    caller = as_user(ann)
    sent = [{"Idempotency-Key": key} for key in "ab"]
    ids = [caller("POST", "/quotes", BODY, key).body["id"] for key in sent]
    # Who writes, the quote, what finds it, its event, its key; a test has two savepoints more.
    statements = 7 + (0 if (ids[-1] + 1) % domain.KEYS_A_ROUND else 4)
    with django_assert_num_queries(statements):
        caller("POST", "/quotes", BODY, {"Idempotency-Key": "c"})
