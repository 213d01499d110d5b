"""Filters of lists of quotes: what they mean, what is refused, and that an index has each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes_service.lists import QuoteFilter, quotes_of_each, quotes_total
from quotes_service.models import Quote, User
from quotes_service.reads import ORDERS, quotes_page
from tests.rest_api import Api, Response

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 27, 6, tzinfo=UTC)
TIMES = {"created_after": AT - timedelta(days=1), "created_before": AT + timedelta(days=1)}
# What leads to the rows, each with the filters that it serves alone.
LEADING: dict[str, dict[str, Any]] = {
    "created_by": {"created_by": 1},
    "author": {"author": "Camus"},
    "times": TIMES,
    "created_by and times": {"created_by": 1, **TIMES},
    "author and times": {"author": "Camus", **TIMES},
}


def asked(api: Api, path: str = "/quotes", **params: Any) -> Response:
    return api("GET", f"{path}?{urlencode(params)}")


def ids(response: Response) -> list[int]:
    assert response.status == 200, response.body
    return [item["id"] for item in response.body["items"]]


def test_an_author_is_found_by_the_whole_name(api: Api, make_quote: Callable[..., Quote]) -> None:
    quote = make_quote(author="Camus")
    make_quote(author="Albert Camus")
    assert ids(asked(api, author=" Camus ")) == [quote.pk]
    assert asked(api, author="").field_codes == {"author": "blank"}


def test_times_are_from_the_first_until_before_the_second(
    api: Api, make_quote: Callable[..., Quote]
) -> None:
    quotes = [make_quote(created_at=AT + timedelta(microseconds=each)) for each in range(3)]
    after, before = "2026-11-27T07:00:00.000001+01:00", "2026-11-27T06:00:00.000002Z"
    assert ids(asked(api, created_after=after, created_before=before)) == [quotes[1].pk]
    assert asked(api, "/quotes/total", created_after=after).body == {"total": 2}


@pytest.mark.parametrize(
    "time",
    [
        "",
        "now",
        "2026-11-27",
        "2026-11-27T06:00:00",
        "1764223200",
        "2026-13-27T06:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_time_is_refused(api: Api, time: str) -> None:
    assert asked(api, created_after=time).field_codes == {"created_after": "invalid"}


def test_the_most_liked_of_some_days_are_refused(api: Api) -> None:
    refused = asked(api, order="most_liked", created_after="2026-11-27T06:00:00Z")
    assert (refused.status, refused.field_codes) == (422, {"order": "invalid"})
    assert "author or created_by" in refused.body["detail"]


def test_a_cursor_beyond_all_times_is_refused(api: Api) -> None:
    # ["newest_written", 9223372036854775807, 1]
    cursor = "WyJuZXdlc3Rfd3JpdHRlbiIsOTIyMzM3MjAzNjg1NDc3NTgwNywxXQ"
    assert asked(api, author="Camus", after=cursor).code == "invalid_cursor"


def test_each_creator_has_a_page_of_their_own(
    api: Api, make_quote: Callable[..., Quote], ann: User, bob: User
) -> None:
    of_ann = [make_quote(created_by=ann).pk for _ in range(3)][::-1]
    of_bob = make_quote(created_by=bob).pk
    creators = f"{ann.pk},{bob.pk}"
    first = asked(api, creators=creators, per_creator=2)
    assert sorted(ids(first)) == sorted([*of_ann[:2], of_bob])
    assert first.body["more"] == [ann.pk]
    assert first.body["skipped"] == []
    cursor = {item["id"]: item["cursor"] for item in first.body["items"]}[of_ann[1]]
    rest = asked(api, creators=creators, per_creator=2, after=cursor)
    assert of_ann[2] in ids(rest)
    assert ann.pk in rest.body["skipped"]
    assert asked(api, "/quotes/totals", creators=creators).body["items"] == [
        {"id": ann.pk, "total": 3},
        {"id": bob.pk, "total": 1},
    ]
    assert asked(api, per_creator=2).field_codes == {"creators": "required"}


@pytest.mark.parametrize("leading", LEADING)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("backwards", [False, True])
def test_an_index_has_each_filter_in_each_order(leading: str, order: str, backwards: bool) -> None:
    if order == "most_liked" and leading == "times":
        pytest.skip("It is refused.")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        quotes_page(QuoteFilter(**LEADING[leading]), order=order, limit=20, backwards=backwards)
    column, _, _ = leading.partition(" ")
    index = {"created_by": "quote_by_creator", "author": "quote_by_author"}.get(column)
    for query in captured:
        assert_found_by_index(query["sql"], index or "quote_by_time")


def test_an_index_has_what_is_counted_and_what_each_creator_has_written() -> None:
    with CaptureQueriesContext(connection) as captured:
        for filters in [{}, *LEADING.values()]:
            quotes_total(QuoteFilter(**filters))
        for order in ORDERS:
            groups = quotes_of_each([1, 2], order)
            groups.page_of_each(limit=2, after=None, before=None, backwards=False)
        groups.totals()
    assert len(captured) >= len(LEADING) + len(ORDERS) + 2
    for query in captured:
        assert_found_by_index(query["sql"])


@pytest.mark.parametrize("order", ORDERS)
def test_a_later_page_of_few_among_many_is_read_without_all_of_them(order: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no statistics to be led astray by.")
    writers = User.objects.bulk_create(User(username=f"writer{n}") for n in range(200))
    first = writers[0].pk
    with connection.cursor() as cursor:
        cursor.execute(_MANY, [first, len(writers)])
        cursor.execute("ANALYZE quotes_service_quote")
    written_by = QuoteFilter(created_by=writers[100].pk)
    after = quotes_page(written_by, order=order, limit=5)["page_info"]["end_cursor"]
    with CaptureQueriesContext(connection) as captured:
        quotes_page(written_by, order=order, limit=5, after=after)
    assert len(captured) == 1
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {captured[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Sort" not in plan, plan


_MANY = """
INSERT INTO quotes_service_quote (title, author, likes, version, searchable_version,
    likes_sequence, likes_counted_sequence, created_by_id, created_at, updated_at)
SELECT 'Nothing new', '', mod(number, 50), 1, 1, 0, 0, %s + mod(number, %s),
    now() - make_interval(secs => number), now()
FROM generate_series(1, 20000) AS number
"""


def assert_found_by_index(sql: str, index: str = "") -> None:
    """Check that no plan sorts, or reads the table in its own order, or by another index than one
    of that name.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off")
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            # What is sifted is at most as much as is looked at for a page.
            assert "Sort" not in plan or "looked_at" in plan, plan
            assert "Seq Scan" not in plan, plan
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = "\n".join(row[3] for row in cursor.fetchall())
            assert "USING" in plan, plan
            assert "TEMP B-TREE" not in plan or "CO-ROUTINE" in plan, plan
    assert index in plan, plan
