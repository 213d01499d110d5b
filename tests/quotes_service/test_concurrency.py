"""Many callers at once, each with its own connection: PostgreSQL, and SQLite in a file."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection, connections, transaction

from identity.tokens import Caller
from messaging.events import Event
from messaging.models import OutboxEvent
from quotes_service import domain
from quotes_service.handlers import LIKED, UNLIKED, count_likes
from quotes_service.models import IdempotencyKey, Quote, User
from rest.errors import NotFound
from tests.quotes_service.conftest import as_user
from tests.rest_api import Api, Response

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")


def at_once(*calls: Callable[[], T]) -> list[T]:
    """Run each call in a thread of its own; all start when all are ready."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        try:
            barrier.wait(timeout=30)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_one_key_sent_many_times_at_once_writes_one_quote(ann: User) -> None:
    caller = as_user(ann)
    body, key = {"title": "To be."}, {"Idempotency-Key": "once"}
    responses: list[Response] = at_once(*[partial(caller, "POST", "/quotes", body, key)] * 8)
    assert {response.status for response in responses} == {201}
    assert len({response.body["id"] for response in responses}) == 1
    assert sum("Idempotency-Replayed" in response.headers for response in responses) == 7
    counts = Quote.objects.count(), OutboxEvent.objects.count(), IdempotencyKey.objects.count()
    assert counts == (1, 1, 1)


def test_changes_at_once_each_get_a_version_of_their_own_told_in_order(ann: User) -> None:
    quote = domain.create_quote(user_id=ann.id, title="0")
    caller = Caller(user_id=ann.id)
    change = partial(domain.update_quote, quote_id=quote.id, caller=caller)
    at_once(*[partial(change, title=str(number)) for number in range(8)])
    rows = list(OutboxEvent.objects.order_by("id").values_list("data", flat=True))
    assert [f'"version":{version},' in data for version, data in enumerate(rows, 1)] == [True] * 9
    last = Quote.objects.get()
    assert last.version == 9
    assert f'"title":"{last.title}"' in rows[-1]


def test_of_changes_at_once_that_expect_one_version_one_is_made(ann: User) -> None:
    path = f"/quotes/{domain.create_quote(user_id=ann.id, title='0').id}"
    caller, tag = as_user(ann), {"If-Match": '"1"'}
    change = [partial(caller, "PATCH", path, {"title": str(n)}, tag) for n in range(6)]
    statuses = [response.status for response in at_once(*change)]
    assert sorted(statuses) == [200] + [412] * 5
    assert Quote.objects.get().version == 2


def test_a_quote_deleted_by_many_at_once_is_told_once(ann: User) -> None:
    quote = domain.create_quote(user_id=ann.id, title="x")
    caller = Caller(user_id=ann.id)

    def delete() -> bool:
        try:
            domain.delete_quote(quote_id=quote.id, caller=caller)
        except NotFound:
            return False
        return True

    assert sorted(at_once(*[delete] * 6)) == [False] * 5 + [True]
    assert OutboxEvent.objects.filter(type="quotes.quote.deleted").count() == 1


def test_likes_counted_at_once_are_all_counted(make_quote: Callable[..., Quote]) -> None:
    """Each batch names the quotes in another order; the locks are taken in one."""
    quotes = [make_quote().id for _ in range(20)]

    def batch(number: int) -> list[Event]:
        turned = quotes[number:] + quotes[:number]
        types = [LIKED] * 3 + [UNLIKED]
        return [
            Event(type=kind, source="/likes", subject="", data={"quote_id": quote_id})
            for quote_id in turned
            for kind in types
        ]

    at_once(*[partial(count_likes, batch(number)) for number in range(8)])
    assert set(Quote.objects.values_list("likes", flat=True)) == {16}


def test_a_like_counted_while_its_quote_is_changed_loses_neither(ann: User) -> None:
    quote = domain.create_quote(user_id=ann.id, title="x")
    caller = Caller(user_id=ann.id)
    like = Event(type=LIKED, source="/likes", subject="", data={"quote_id": quote.id})

    def count() -> None:
        count_likes([like])

    def change() -> None:
        domain.update_quote(quote_id=quote.id, caller=caller, title="y")

    at_once(*[count, change] * 4)
    after = Quote.objects.get()
    assert (after.likes, after.version) == (4, 5)


def test_one_name_registered_by_many_at_once_is_one_account() -> None:
    body = {"username": "carol", "password": "correct horse battery"}
    responses = at_once(*[partial(Api(), "POST", "/users", body)] * 4)
    assert sorted(response.status for response in responses) == [201, 422, 422, 422]


def test_a_row_is_there_before_its_event_in_the_outbox_of_one_quote(ann: User) -> None:
    """The change takes the row's lock: who comes second can't write its event first."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    quote = domain.create_quote(user_id=ann.id, title="x")
    caller = Caller(user_id=ann.id)
    started = Barrier(2)

    def first() -> None:
        with transaction.atomic():
            domain.update_quote(quote_id=quote.id, caller=caller, title="first")
            started.wait(timeout=30)
            with connection.cursor() as cursor:  # until the second one waits for this row
                while True:
                    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                    if cursor.fetchone()[0]:
                        return

    def second() -> None:
        started.wait(timeout=30)
        domain.update_quote(quote_id=quote.id, caller=caller, title="second")

    at_once(first, second)
    rows = OutboxEvent.objects.order_by("id").values_list("data", flat=True)
    assert ['"title":"first"' in rows[1], '"title":"second"' in rows[2]] == [True, True]
