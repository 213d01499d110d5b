"""Lists of likes and of the replica."""

from collections.abc import Callable
from typing import Any

import pytest

from likes_service.models import Like, Quote
from tests.likes_service.conftest import NOW
from tests.rest_api import Api, Response

pytestmark = pytest.mark.django_db


@pytest.fixture
def likes(make_quote: Callable[..., Quote]) -> list[tuple[int, int]]:
    """Twelve likes (quote, user), oldest first, given in turn to quotes 1 to 3 by users 1 to 4."""
    for quote_id in (1, 2, 3):
        make_quote(quote_id)
    given = [(quote_id, user_id) for user_id in (1, 2, 3, 4) for quote_id in (1, 2, 3)]
    for quote_id, user_id in given:
        Like.objects.create(quote_id=quote_id, user_id=user_id, created_at=NOW)
    return given


def pairs(response: Response) -> list[tuple[int, int]]:
    assert response.status == 200, response.body
    return [(item["quote_id"], item["user_id"]) for item in response.body["items"]]


def newest_first(likes: list[tuple[int, int]], **wanted: Any) -> list[tuple[int, int]]:
    return [
        (quote_id, user_id)
        for quote_id, user_id in reversed(likes)
        if quote_id in wanted.get("quotes", (quote_id,)) and user_id == wanted.get("user", user_id)
    ]


def test_likes_are_listed_newest_first(api: Api, likes: list[tuple[int, int]]) -> None:
    response = api("GET", "/likes")
    assert pairs(response) == newest_first(likes)
    item = response.body["items"][0]
    assert set(item) == {"id", "quote_id", "user_id", "created_at", "cursor"}
    assert item["created_at"] == "2026-11-25T04:38:40.123456Z"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("quote=2", {"quotes": (2,)}),
        ("quote=1,3", {"quotes": (1, 3)}),
        ("user=4", {"user": 4}),
        ("quote=1,3&user=2", {"quotes": (1, 3), "user": 2}),
        ("quote=99", {"quotes": ()}),
        ("user=99", {"user": 99}),
    ],
)
def test_likes_are_filtered(
    api: Api, likes: list[tuple[int, int]], query: str, wanted: dict[str, Any]
) -> None:
    assert pairs(api("GET", f"/likes?{query}")) == newest_first(likes, **wanted)


def test_pages_forwards_and_backwards_hold_each_like_once(
    api: Api, likes: list[tuple[int, int]]
) -> None:
    for start, step in (("&backwards=true", "before"), ("", "after")):
        seen: list[tuple[int, int]] = []
        query = f"/likes?limit=5{start}"
        while True:
            response = api("GET", query)
            page, info = pairs(response), response.body["page_info"]
            seen = seen + page if step == "after" else page + seen
            if not info["has_next" if step == "after" else "has_previous"]:
                break
            cursor = info["end_cursor" if step == "after" else "start_cursor"]
            query = f"/likes?limit=5{start}&{step}={cursor}"
        assert seen == newest_first(likes)


def test_all_of_a_hundred_quotes_that_a_user_likes_fit_one_page(
    api: Api, make_quote: Callable[..., Quote]
) -> None:
    ids = range(1, 101)
    for quote_id in ids:
        make_quote(quote_id)
    Like.objects.bulk_create(Like(quote_id=quote_id, user_id=5, created_at=NOW) for quote_id in ids)
    listed = ",".join(map(str, ids))
    assert len(pairs(api("GET", f"/likes?user=5&quote={listed}"))) == 100
    assert len(pairs(api("GET", f"/likes?user=5&quote={listed}&limit=3"))) == 3
    assert len(pairs(api("GET", "/likes?user=5"))) == 20


def test_the_newest_likes_of_each_of_several_quotes_come_in_one_query(
    api: Api, likes: list[tuple[int, int]], django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(1):
        response = api("GET", "/likes?quote=1,3,99&per_quote=2")
    assert pairs(response) == [(3, 4), (1, 4), (3, 3), (1, 3)]
    assert response.body["more"] == [1, 3]
    assert "page_info" not in response.body


def test_likes_per_quote_go_on_after_a_cursor(api: Api, likes: list[tuple[int, int]]) -> None:
    first = api("GET", "/likes?quote=1&per_quote=3")
    cursor = first.body["items"][-1]["cursor"]
    rest = api("GET", f"/likes?quote=1&per_quote=3&after={cursor}")
    assert pairs(first) + pairs(rest) == newest_first(likes, quotes=(1,))
    assert (first.body["more"], rest.body["more"]) == ([1], [])
    last = api("GET", "/likes?quote=1,2&per_quote=1&backwards=true")
    assert pairs(last) == [(2, 1), (1, 1)]
    before = last.body["items"][0]["cursor"]
    assert pairs(api("GET", f"/likes?quote=2&per_quote=1&backwards=true&before={before}")) == [
        (2, 2)
    ]


def test_which_quotes_have_likes_that_the_cursor_leaves_out_is_told_for_each(
    api: Api, likes: list[tuple[int, int]], django_assert_num_queries: Callable[..., Any]
) -> None:
    query = "/likes?quote=1,2,3,99&per_quote=2"
    cursors = [item["cursor"] for item in api("GET", "/likes").body["items"]]

    def skipped(arguments: str) -> list[int]:
        with django_assert_num_queries(2):
            found: list[int] = api("GET", f"{query}{arguments}").body["skipped"]
        return found

    assert api("GET", query).body["skipped"] == []
    assert skipped(f"&after={cursors[0]}") == [3]  # its newest like is the newest of all
    assert skipped(f"&after={cursors[1]}") == [2, 3]
    assert skipped(f"&user=3&after={cursors[2]}") == []
    assert skipped(f"&backwards=true&before={cursors[-1]}") == [1]
    Like.objects.filter(quote=3, user_id=4).delete()
    assert skipped(f"&after={cursors[0]}") == []


def test_the_replica_is_listed_newest_first(api: Api, make_quote: Callable[..., Quote]) -> None:
    for quote_id in (1, 2, 3, 4):
        make_quote(quote_id, deleted=quote_id == 3)
    first = api("GET", "/quotes?limit=2")
    assert [item["id"] for item in first.body["items"]] == [4, 2]
    after = first.body["page_info"]["end_cursor"]
    assert [item["id"] for item in api("GET", f"/quotes?after={after}").body["items"]] == [1]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("limit=0", "limit", "too_small"),
        ("limit=101", "limit", "too_large"),
        ("limit=x", "limit", "invalid"),
        ("limit=null", "limit", "invalid"),
        ("user=0", "user", "too_small"),
        (f"user={2**63}", "user", "too_large"),
        ("quote=1,x", "quote", "invalid"),
        ("quote=-1", "quote", "invalid"),
        ("quote=", "quote", "invalid"),
        ("quote=" + ",".join(map(str, range(1, 102))), "quote", "too_many"),
        ("quote=1&per_quote=0", "per_quote", "too_small"),
        ("quote=1&per_quote=101", "per_quote", "too_large"),
        ("per_quote=5", "quote", "required"),
    ],
)
def test_a_wrong_parameter_is_named(api: Api, query: str, field: str, code: str) -> None:
    response = api("GET", f"/likes?{query}")
    assert (response.status, response.code) == (422, "validation_error")
    assert [(error["field"], error["code"]) for error in response.body["errors"]] == [(field, code)]


@pytest.mark.parametrize("cursor", ["zzz", "", "WyJsaWtlcyIsMV0", "bnVsbA", "a" * 300, "é"])
@pytest.mark.parametrize(
    "query", ["likes?after=", "likes?quote=1&per_quote=1&before=", "quotes?after="]
)
def test_a_cursor_that_no_page_gave_is_refused(api: Api, query: str, cursor: str) -> None:
    response = api("GET", f"/{query}{cursor}")
    if cursor == "WyJsaWtlcyIsMV0" and query.startswith("likes"):
        assert response.status == 200  # the place of like 1, which need not be there
    else:
        assert (response.status, response.code) == (400, "invalid_cursor")


@pytest.mark.parametrize("query", ["after=%00", "quote=%00", "user=1%00", "after=%ed%a0%bd"])
def test_what_can_not_be_stored_is_refused(api: Api, query: str) -> None:
    assert api("GET", f"/likes?{query}").status in {400, 422}


@pytest.mark.parametrize(
    "path",
    [
        "/likes?quote={}",
        "/likes?quote={}&user=1",
        "/likes?quote={}&per_quote=3",
        "/likes?users={}&per_user=3",
        "/likes/totals?quote={}",
        "/likes/totals?users={}",
        "/likes/counts?quote={}",
    ],
)
def test_an_id_too_large_for_anything_finds_nothing(api: Api, path: str) -> None:
    for number in (2**63, 10**40):
        response = api("GET", path.format(number))
        assert (response.status, response.body["items"]) == (200, [])
