"""Counts of likes, to be read and to be published."""

import json
from collections.abc import Callable

import pytest

from likes_service import counting
from likes_service.models import Like, Quote
from messaging.models import OutboxEvent
from tests.likes_service.conftest import NOW, as_user, published
from tests.rest_api import Api
from tests.signed_tokens import token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def liked(make_quote: Callable[..., Quote]) -> None:
    """Quote 7 with three likes, 8 with none, 9 deleted."""
    make_quote(7)
    make_quote(8)
    make_quote(9, deleted=True)
    for user_id in (1, 2, 3):
        Like.objects.create(user_id=user_id, quote_id=7, created_at=NOW)


def test_counts_are_read_of_the_quotes_that_are_known(liked: None, api: Api) -> None:
    response = api("GET", "/likes/counts?quote=7,8,9,10")
    assert response.status == 200
    assert response.body["items"] == [{"quote_id": 7, "likes": 3}, {"quote_id": 8, "likes": 0}]


def test_a_published_count_tells_the_place_of_its_event_in_the_outbox(liked: None) -> None:
    first, second = counting.publish_counts([8, 7, 9, 10])
    assert (first["quote_id"], first["likes"], second["likes"]) == (7, 3, 0)
    assert published() == [
        ("likes.like.counted", {"quote_id": 7, "likes": 3}),
        ("likes.like.counted", {"quote_id": 8, "likes": 0}),
    ]
    assert [first["sequence"], second["sequence"]] == list(
        OutboxEvent.objects.order_by("id").values_list("id", flat=True)
    )


def test_only_staff_may_have_counts_published(liked: None, api: Api) -> None:
    assert api("POST", "/likes/counts").status == 401
    assert as_user(5)("POST", "/likes/counts", body={"quotes": [7]}).code == "permission_denied"
    assert published() == []
    staff = Api(token_of(1, staff=True))
    response = staff("POST", "/likes/counts", body={"quotes": [7]})
    assert (response.status, response.body["items"][0]["likes"]) == (202, 3)
    assert len(published()) == 1


@pytest.mark.parametrize(
    "body", [{}, {"quotes": 7}, {"quotes": [0]}, {"quotes": [2**63]}, {"quotes": [1] * 101}]
)
def test_what_is_no_list_of_quotes_is_refused(body: dict[str, object]) -> None:
    staff = Api(token_of(1, staff=True))
    assert staff("POST", "/likes/counts", body=body).code == "validation_error"
    assert json.dumps(published()) == "[]"


def test_a_body_far_larger_than_any_list_of_quotes_is_refused(liked: None) -> None:
    staff = Api(token_of(1, staff=True))
    response = staff("POST", "/likes/counts", body={"quotes": [7], "more": "x" * 200_000})
    assert (response.status, response.code) == (413, "too_large")
    assert published() == []
