"""What a page of likes costs does not grow with the likes that are not on it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from likes_service.models import Like, Quote
from likes_service.reads import LIKES
from tests.likes_service.conftest import NOW
from tests.rest_api import Api

pytestmark = pytest.mark.django_db

QUOTES = 20
FEW, MANY = 40, 800  # likes of each quote, and of the user
LISTED = ",".join(map(str, range(1, QUOTES + 1)))
# `{}` is the cursor of the like in the middle.
PAGES = [
    f"quote={LISTED}&per_quote=1",
    f"quote={LISTED}&per_quote=2&after={{}}",
    f"quote={LISTED}&per_quote=1&before={{}}",
    f"quote={LISTED}&per_quote=1&backwards=true",
    f"quote={LISTED}&per_quote=2&backwards=true&before={{}}",
    f"quote={LISTED}&per_quote=1&backwards=true&after={{}}",
    f"quote={LISTED}&per_quote=1&user=1",
    f"quote={LISTED}&per_quote=1&user=1&after={{}}",
    f"quote={LISTED}&limit=2",
    f"quote={LISTED}&limit=2&after={{}}",
    f"quote={LISTED}&limit=2&backwards=true&before={{}}",
    f"quote={LISTED}&user=1",
    f"quote={LISTED}&user=1&after={{}}",
    "user=1&limit=2",
    "user=1&limit=2&after={}",
    "limit=2&before={}",
    "quote=1&limit=2&after={}",
]


def _fill(likes: int) -> str:
    """Have each quote liked by so many, and user 1 like so many; return the middle's cursor."""
    Quote.objects.bulk_create(
        Quote(id=each, title="T", version=1, created_at=NOW) for each in range(1, likes + 1)
    )
    given = [(quote, user) for user in range(1, likes + 1) for quote in range(1, QUOTES + 1)]
    given += [(quote, 1) for quote in range(QUOTES + 1, likes + 1)]
    Like.objects.bulk_create(
        Like(quote_id=quote, user_id=user, created_at=NOW) for quote, user in given
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {Like._meta.db_table}")
    return LIKES.cursor(Like.objects.order_by("id")[len(given) // 2])


def _work_of(api: Api, page: str) -> int:
    """Count the rows that PostgreSQL reads for a page, or the steps that SQLite takes."""
    if connection.vendor != "postgresql":
        return _steps(lambda: api("GET", f"/likes?{page}"))
    with CaptureQueriesContext(connection) as captured:
        assert api("GET", f"/likes?{page}").status == 200
    return sum(_rows_read(query["sql"]) for query in captured.captured_queries)


def _steps(act: Callable[[], Any]) -> int:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.ensure_connection()
    connection.connection.set_progress_handler(count, 1)
    try:
        assert act().status == 200
    finally:
        connection.connection.set_progress_handler(None, 0)
    return steps


def _rows_read(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        (found,) = cursor.fetchone()
    [explained] = json.loads(found) if isinstance(found, str) else found
    return _read_by(explained["Plan"])


def _read_by(node: dict[str, Any]) -> int:
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    own = (
        (node["Actual Rows"] + removed) * node["Actual Loops"] if "Scan" in node["Node Type"] else 0
    )
    return int(own) + sum(_read_by(each) for each in node.get("Plans", []))


def test_the_work_for_a_page_of_likes_is_the_same_with_twenty_times_the_likes(api: Api) -> None:
    cursor = _fill(FEW)
    few = {page: _work_of(api, page.format(cursor)) for page in PAGES}
    Like.objects.all().delete()
    Quote.objects.all().delete()
    cursor = _fill(MANY)
    many = {page: _work_of(api, page.format(cursor)) for page in PAGES}
    # A tree of more rows is a level or two higher.
    grown = {page: (few[page], many[page]) for page in PAGES if many[page] > 1.5 * few[page] + 20}
    assert grown == {}


def test_a_page_of_some_quotes_is_what_all_their_likes_are_cut_to(api: Api) -> None:
    middle = _fill(FEW)
    whole = list(Like.objects.filter(quote__in=[3, 5]).order_by("-id").values_list("id", flat=True))
    (key,) = LIKES.keys(middle)
    assert isinstance(key, int)
    after, before = [i for i in whole if i < key], [i for i in whole if i > key]
    for query, expected, following, previous in [
        ("", whole[:7], True, False),
        ("&backwards=true", whole[-7:], False, True),
        (f"&after={middle}", after[:7], True, True),
        (f"&before={middle}", before[:7], True, False),
        (f"&before={middle}&backwards=true", before[-7:], True, True),
        (f"&after={middle}&backwards=true", after[-7:], False, True),
    ]:
        body = api("GET", f"/likes?quote=3,5&limit=7{query}").body
        assert [item["id"] for item in body["items"]] == expected
        assert body["page_info"]["has_next"] is following
        assert body["page_info"]["has_previous"] is previous
