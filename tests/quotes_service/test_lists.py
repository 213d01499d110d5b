"""Lists of quotes: keyset pages in each order, searches, and reads of several at once."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote as quoted

import pytest
from django.utils import timezone

from quotes_service.models import Quote, User
from tests.rest_api import Api, Response

pytestmark = pytest.mark.django_db
LIKES = (3, 0, 3, -1, 7, 3, 0, 0, 3, 12, -1)


@pytest.fixture
def quotes(ann: User) -> list[Quote]:
    """Many with the same count and the same time, as a bulk import makes them."""
    now = timezone.now()
    return Quote.objects.bulk_create(
        Quote(title=f"Quote {n}", likes=likes, created_by=ann, created_at=now, updated_at=now)
        for n, likes in enumerate(LIKES)
    )


def expected(order: str, quotes: list[Quote]) -> list[int]:
    if order == "most_liked":
        return [q.id for q in sorted(quotes, key=lambda q: (-q.likes, -q.id))]
    return [q.id for q in sorted(quotes, key=lambda q: q.id, reverse=order == "newest")]


def ids(response: Response) -> list[int]:
    assert response.status == 200, response.body
    return [item["id"] for item in response.body["items"]]


def page(api: Api, **params: Any) -> Response:
    return api("GET", "/quotes?" + "&".join(f"{k}={quoted(str(v))}" for k, v in params.items()))


ORDERS = pytest.mark.parametrize("order", ["newest", "oldest", "most_liked"])
LIMITS = pytest.mark.parametrize("limit", [1, 2, 4, 11, 100])


@ORDERS
@LIMITS
def test_pages_forwards_hold_each_quote_once_in_order(
    api: Api, quotes: list[Quote], order: str, limit: int
) -> None:
    seen: list[int] = []
    response = page(api, order=order, limit=limit)
    while True:
        assert response.body["page_info"]["has_previous"] is bool(seen)
        seen += ids(response)
        assert response.body["page_info"]["has_next"] is (len(seen) < len(quotes))
        if not response.body["page_info"]["has_next"]:
            break
        after = response.body["page_info"]["end_cursor"]
        response = page(api, order=order, limit=limit, after=after)
    assert seen == expected(order, quotes)


@ORDERS
@LIMITS
def test_pages_backwards_hold_each_quote_once_in_order(
    api: Api, quotes: list[Quote], order: str, limit: int
) -> None:
    seen: list[int] = []
    response = page(api, order=order, limit=limit, backwards="true")
    while True:
        assert response.body["page_info"]["has_next"] is bool(seen)
        seen = ids(response) + seen
        assert response.body["page_info"]["has_previous"] is (len(seen) < len(quotes))
        if not response.body["page_info"]["has_previous"]:
            break
        before = response.body["page_info"]["start_cursor"]
        response = page(api, order=order, limit=limit, before=before, backwards="true")
    assert seen == expected(order, quotes)


@ORDERS
def test_a_page_between_two_cursors_knows_what_is_on_both_sides(
    api: Api, quotes: list[Quote], order: str
) -> None:
    all_ids = expected(order, quotes)
    cursors = [item["cursor"] for item in page(api, order=order).body["items"]]
    between = page(api, order=order, after=cursors[2], before=cursors[6])
    assert ids(between) == all_ids[3:6]
    assert between.body["page_info"]["has_next"] is True
    assert between.body["page_info"]["has_previous"] is True
    last = page(api, order=order, after=cursors[2], before=cursors[6], backwards="true", limit=2)
    assert ids(last) == all_ids[4:6]


@ORDERS
def test_a_cursor_holds_after_its_quote_was_deleted(
    api: Api, quotes: list[Quote], order: str
) -> None:
    all_ids = expected(order, quotes)
    cursor = page(api, order=order, limit=4).body["page_info"]["end_cursor"]
    Quote.objects.filter(id=all_ids[3]).delete()
    assert ids(page(api, order=order, after=cursor)) == all_ids[4:]


def test_quotes_written_meanwhile_shift_no_page(
    api: Api, quotes: list[Quote], make_quote: Callable[..., Quote]
) -> None:
    cursor = page(api, limit=4).body["page_info"]["end_cursor"]
    make_quote()
    assert ids(page(api, after=cursor)) == expected("newest", quotes)[4:]


def test_the_end_of_the_list_knows_that_there_is_a_beginning(api: Api, quotes: list[Quote]) -> None:
    cursor = page(api).body["page_info"]["end_cursor"]
    assert page(api, after=cursor).body == {
        "items": [],
        "page_info": {
            "has_next": False,
            "has_previous": True,
            "start_cursor": None,
            "end_cursor": None,
        },
    }


def test_any_page_costs_one_query(
    api: Api, quotes: list[Quote], django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(1):
        cursor = page(api, limit=4).body["page_info"]["end_cursor"]
    with django_assert_num_queries(1):
        page(api, limit=4, after=cursor)


def test_an_empty_list_is_an_empty_page(api: Api) -> None:
    assert page(api).body["items"] == []
    assert page(api).body["page_info"]["has_next"] is False


@pytest.mark.parametrize("limit", ["0", "-1", "101", "10000", "null", "", "abc", "1" + "0" * 40])
@pytest.mark.parametrize("backwards", ["true", "false"])
def test_a_limit_beyond_the_page_maximum_is_refused(api: Api, limit: str, backwards: str) -> None:
    response = page(api, limit=limit, backwards=backwards)
    assert (response.status, list(response.field_codes)) == (422, ["limit"])


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!!",
        "x",
        "é",
        "AAAA",
        "W10",  # []
        encoded('["newest","1"]'),
        encoded('["newest",1.5]'),
        encoded('["newest",true]'),
        encoded('["newest",null]'),
        encoded('["newest", 5]'),  # the same, but not as it was written
        encoded('["newest",5]') + "=",
        encoded('["newest",5,6]'),
        encoded('["oldest",5]'),
        encoded('["most_liked",3,5]'),
        encoded(f'["newest",{2**63}]'),
        encoded(f'["newest",{10**40}]'),
        encoded("5"),
        encoded("{}"),
        encoded("[" * 90),
        "A" * 5000,
    ],
)
@pytest.mark.parametrize("side", ["after", "before"])
def test_a_cursor_that_this_list_never_gave_is_refused(api: Api, cursor: str, side: str) -> None:
    response = page(api, **{side: cursor})
    assert (response.status, response.code) == (400, "invalid_cursor")


@pytest.mark.parametrize("name", ["after", "before", "search", "order"])
def test_nul_in_the_query_string_is_a_bad_request(api: Api, name: str) -> None:
    assert api("GET", f"/quotes?{name}=a%00b").code == "invalid_request"


def test_search_finds_in_text_and_author_whatever_the_case(
    api: Api, make_quote: Callable[..., Quote]
) -> None:
    by_text = make_quote("To BE, or not")
    by_author = make_quote("Alas", author="beckett")
    make_quote("Nothing")
    make_quote("100% of_it")
    assert ids(page(api, search=" be ")) == [by_author.id, by_text.id]
    assert len(ids(page(api, search="%"))) == 1
    assert len(ids(page(api, search="_"))) == 1
    assert len(ids(page(api, search=""))) == 4
    assert ids(page(api, search="x" * 200)) == []
    assert page(api, search="x" * 201).field_codes == {"search": "too_long"}


def test_quotes_of_one_creator(api: Api, bob: User, make_quote: Callable[..., Quote]) -> None:
    make_quote()
    of_bob = make_quote(created_by=bob)
    assert ids(page(api, created_by=bob.id)) == [of_bob.id]
    assert ids(page(api, created_by=2**63 - 1)) == []
    assert page(api, created_by="x").field_codes == {"created_by": "invalid"}


def test_an_unknown_order_is_refused(api: Api) -> None:
    assert page(api, order="best").field_codes == {"order": "invalid"}


def test_several_quotes_are_read_at_once_in_one_query(
    api: Api, quotes: list[Quote], django_assert_num_queries: Callable[..., Any]
) -> None:
    wanted = [quotes[5].id, quotes[1].id, quotes[5].id]
    with django_assert_num_queries(1):
        response = page(api, id=",".join(map(str, [*wanted, 10**40, 2**63 - 1])))
    assert ids(response) == [quotes[1].id, quotes[5].id]
    assert response.body["page_info"]["has_next"] is False


@pytest.mark.parametrize(
    ("ids_text", "code"),
    [
        ("a", "invalid"),
        ("1,,2", "invalid"),
        ("", "invalid"),
        ("-1", "invalid"),
        (",".join(map(str, range(1, 102))), "too_many"),
    ],
)
def test_a_wrong_list_of_ids_is_refused(api: Api, ids_text: str, code: str) -> None:
    assert page(api, id=ids_text).field_codes == {"id": code}


def test_fifty_thousand_quotes_are_never_answered_at_once(api: Api, ann: User) -> None:
    now = timezone.now()
    Quote.objects.bulk_create(
        [Quote(title="x", created_at=now, updated_at=now) for _ in range(50_000)], batch_size=5000
    )
    assert len(ids(page(api, limit=100))) == 100
    assert len(ids(api("GET", "/quotes"))) == 20


@pytest.mark.parametrize(
    "path",
    [
        "/quotes?id={}",
        f"/quotes?id={{}}&after_events={'0' * 32}",
        "/quotes?creators={}&per_creator=3",
        "/quotes/totals?creators={}",
        "/users?id={}",
    ],
)
def test_an_id_too_large_for_anything_finds_nothing(
    api: Api, quotes: list[Quote], path: str
) -> None:
    response = api("GET", path.format(2**63))
    assert (response.status, response.body["items"]) == (200, [])
