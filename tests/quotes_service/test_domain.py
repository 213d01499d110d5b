"""Each write is the row's change and its event, both or neither."""

import json
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.tokens import Caller
from messaging.models import OutboxEvent
from quotes_service import domain, events
from quotes_service.models import Quote, User
from quotes_service.reads import ORDERS
from rest.cursors import encode_cursor
from rest.errors import NotFound, PermissionDenied
from rest.paging import read_page

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, str, dict[str, Any]]]:
    rows = OutboxEvent.objects.order_by("id")
    return [(row.type, row.key, json.loads(row.data)) for row in rows]


def test_each_change_of_a_quote_is_told_with_its_whole_state(ann: User) -> None:
    caller = Caller(user_id=ann.id)
    quote = domain.create_quote(user_id=ann.id, title="To be.", author="Hamlet")
    domain.update_quote(quote_id=quote.id, caller=caller, title="Or not.")
    domain.delete_quote(quote_id=quote.id, caller=caller)
    created, updated, deleted = told()
    assert [event[0] for event in (created, updated, deleted)] == [
        "quotes.quote.created",
        "quotes.quote.updated",
        "quotes.quote.deleted",
    ]
    assert {event[1] for event in (created, updated, deleted)} == {f"quotes/{quote.id}"}
    assert created[2] == {
        "id": quote.id,
        "title": "To be.",
        "author": "Hamlet",
        "version": 1,
        "created_by": ann.id,
        "created_at": created[2]["created_at"],
        "updated_at": created[2]["created_at"],
    }
    assert updated[2] == created[2] | {
        "title": "Or not.",
        "version": 2,
        "updated_at": updated[2]["updated_at"],
    }
    assert updated[2]["updated_at"] > created[2]["updated_at"]
    assert deleted[2] == {"id": quote.id, "version": 3}


def test_what_is_rolled_back_is_not_told(ann: User) -> None:
    with transaction.atomic():
        domain.create_quote(user_id=ann.id, title="Never")
        transaction.set_rollback(True)
    assert (Quote.objects.count(), told()) == (0, [])


def test_what_a_savepoint_rolls_back_is_not_told(ann: User) -> None:
    with transaction.atomic():
        domain.create_quote(user_id=ann.id, title="Kept")
        with transaction.atomic():
            domain.create_quote(user_id=ann.id, title="Dropped")
            transaction.set_rollback(True)
    assert [event[2]["title"] for event in told()] == ["Kept"]


def test_an_event_that_can_not_be_written_takes_its_row_with_it(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(payload: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(domain, "publish", fail)
    caller = Caller(user_id=ann.id)
    with pytest.raises(RuntimeError):
        domain.create_quote(user_id=ann.id, title="Never")
    assert not Quote.objects.exists()
    monkeypatch.undo()
    quote = domain.create_quote(user_id=ann.id, title="Kept")
    monkeypatch.setattr(domain, "publish", fail)
    with pytest.raises(RuntimeError):
        domain.update_quote(quote_id=quote.id, caller=caller, title="Never")
    with pytest.raises(RuntimeError):
        domain.delete_quote(quote_id=quote.id, caller=caller)
    assert (Quote.objects.get().title, Quote.objects.get().version) == ("Kept", 1)


def test_a_quote_that_is_gone_can_not_be_changed(ann: User) -> None:
    caller = Caller(user_id=ann.id, staff=True)
    with pytest.raises(NotFound):
        domain.update_quote(quote_id=5, caller=caller, title="x")
    with pytest.raises(NotFound):
        domain.delete_quote(quote_id=5, caller=caller)
    assert told() == []


def test_a_quote_of_another_can_not_be_changed(ann: User, bob: User) -> None:
    quote = domain.create_quote(user_id=ann.id, title="Mine")
    with pytest.raises(PermissionDenied):
        domain.update_quote(quote_id=quote.id, caller=Caller(user_id=bob.id), title="x")
    with pytest.raises(PermissionDenied):
        domain.delete_quote(quote_id=quote.id, caller=Caller(user_id=bob.id))


def test_quotes_outlive_their_creator_and_tell_of_it(ann: User, bob: User) -> None:
    first, second = (domain.create_quote(user_id=ann.id, title=title) for title in "ab")
    other = domain.create_quote(user_id=bob.id, title="c")
    domain.delete_user(user_id=ann.id)
    assert list(Quote.objects.order_by("id").values_list("id", "created_by", "version")) == [
        (first.id, None, 2),
        (second.id, None, 2),
        (other.id, bob.id, 1),
    ]
    updates = [event[2] for event in told() if event[0] == events.QuoteUpdated.type]
    assert [(update["id"], update["created_by"]) for update in updates] == [
        (first.id, None),
        (second.id, None),
    ]
    assert not User.objects.filter(id=ann.id).exists()


def test_several_quotes_are_deleted_together_and_each_is_told(ann: User) -> None:
    ids = [domain.create_quote(user_id=ann.id, title=title).id for title in "abc"]
    domain.delete_quotes(quote_ids=[ids[2], ids[0], 999], caller=Caller(ann.id, staff=True))
    assert list(Quote.objects.values_list("id", flat=True)) == [ids[1]]
    assert [event[2]["id"] for event in told()[3:]] == [ids[0], ids[2]]


def test_of_several_quotes_none_is_deleted_if_one_may_not_be(ann: User, bob: User) -> None:
    ids = [domain.create_quote(user_id=user.id, title="x").id for user in (ann, bob)]
    with pytest.raises(PermissionDenied):
        domain.delete_quotes(quote_ids=ids, caller=Caller(ann.id))
    assert Quote.objects.count() == 2
    assert len(told()) == 2


@pytest.mark.parametrize(
    "values",
    [
        {"title": ""},
        {"title": "x" * 501},
        {"title": "x", "author": "y" * 101},
        {"title": "x", "version": 0},
    ],
)
def test_the_database_itself_refuses_what_no_quote_can_be(values: dict[str, Any]) -> None:
    now = timezone.now()
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        Quote.objects.create(created_at=now, updated_at=now, **values)


def test_most_liked_is_read_by_its_index(ann: User) -> None:
    """Forced, as a table of a few rows is better read whole."""
    order = ORDERS["most_liked"]
    with CaptureQueriesContext(connection) as captured:
        read_page(
            Quote.objects.values("id"), order, limit=20, after=encode_cursor(order.name, [5, 7])
        )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {captured[0]['sql'].replace('%', '%%')}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "quote_most_liked" in plan
    assert "SORT" not in plan.upper().replace("NOSORT", "")
    if connection.vendor == "sqlite":
        # Two searches, of those with the same likes and of the others, and the sort of both pages.
        assert "quote_most_liked (likes=? AND id<?)" in plan
        assert "quote_most_liked (likes<?)" in plan
        assert "SCAN quotes_service_quote" not in plan
    if connection.vendor == "postgresql":
        # Both columns bound the scan: of rows with the same likes none is read in vain.
        assert "(ROW(likes, id) < ROW(5, 7))" in plan
