"""REST of a like: who may, what comes back, and what any input gets."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from likes_service.models import Like, Quote
from likes_service.replica import QuoteState, apply_quote_states
from messaging.models import OutboxEvent
from tests.likes_service.conftest import FakeQuotes, as_user, published
from tests.rest_api import Api, Response
from tests.signed_tokens import token_of

pytestmark = pytest.mark.django_db
LIKE = "/quotes/7/like"


def test_a_like_is_given_and_taken_back(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    ann = as_user(5)
    given = ann("POST", LIKE)
    assert given.status == 201
    taken = ann("DELETE", LIKE)
    assert taken.status == 200
    rows = OutboxEvent.objects.order_by("id").values_list("event_id", "id")
    events = [
        {"id": event_id, "likes": likes, "sequence": sequence}
        for (event_id, sequence), likes in zip(rows, (1, -1), strict=True)
    ]
    assert given.body == {
        "quote_id": 7,
        "user_id": 5,
        "created_at": published()[0][1]["created_at"],
        "events": events[:1],
    }
    assert taken.body == {"quote_id": 7, "user_id": 5, "events": events}


def test_each_acts_as_the_one_of_their_token_alone(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    as_user(5)("POST", LIKE, headers={"X-User-Id": "6"})
    assert as_user(6)("DELETE", LIKE, headers={"X-User-Id": "5"}).code == "not_liked"
    assert list(Like.objects.values_list("user_id", flat=True)) == [5]


def test_refusals_have_their_codes(make_quote: Callable[..., Quote], quotes: FakeQuotes) -> None:
    make_quote()
    ann = as_user(5)
    refused = [
        (ann("DELETE", LIKE), 404, "not_liked"),
        (ann("POST", "/quotes/8/like"), 404, "not_found"),
        (ann("DELETE", "/quotes/8/like"), 404, "not_found"),
        (Api()("POST", LIKE), 401, "not_authenticated"),
        (Api()("DELETE", LIKE), 401, "not_authenticated"),
        (Api("nonsense")("POST", LIKE), 401, "invalid_token"),
        (Api(token_of(5, timedelta(seconds=-1)))("POST", LIKE), 401, "invalid_token"),
        (Api(token_of(0))("POST", LIKE), 401, "invalid_token"),
        (ann("GET", LIKE), 405, "method_not_allowed"),
        (ann("POST", "/likes"), 405, "method_not_allowed"),
        (ann("POST", "/quotes"), 405, "method_not_allowed"),
        (ann("GET", "/nowhere"), 404, "not_found"),
    ]
    assert [(response.status, response.code) for response, *_ in refused] == [
        (status, code) for _, status, code in refused
    ]
    assert refused[3][0].headers["WWW-Authenticate"] == "Bearer"
    assert published() == []
    ann("POST", LIKE)
    again = ann("POST", LIKE)
    assert (again.status, again.code) == (409, "already_liked")


def test_a_quote_that_only_quotes_can_tell_of_while_it_is_down_is_a_503() -> None:
    response = as_user(5)("POST", LIKE)
    assert (response.status, response.code) == (503, "upstream_unavailable")
    assert int(response.headers["Retry-After"]) >= 1


def test_a_deleted_quote_is_not_found_anywhere(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    as_user(5)("POST", LIKE)
    apply_quote_states([QuoteState(id=7, version=2, deleted=True)])
    assert as_user(6)("POST", LIKE).code == "not_found"
    assert as_user(5)("DELETE", LIKE).code == "not_found"
    assert Api()("GET", "/quotes/7").code == "not_found"
    assert Api()("GET", "/quotes").body["items"] == []
    assert Api()("GET", "/likes?quote=7").body["items"] == []


@pytest.mark.parametrize(
    "quote_id",
    ["0", "-1", "abc", "1.5", str(2**63), str(10**40), "%00", "7%00", "%ed%a0%bd", "\u0667"],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/quotes/{}/like"), ("DELETE", "/quotes/{}/like"),
                         ("GET", "/quotes/{}")],
)  # fmt: skip
def test_what_can_be_no_quote_is_not_found(method: str, path: str, quote_id: str) -> None:
    response = as_user(5)(method, path.format(quote_id))
    assert (response.status, response.code) == (404, "not_found")


def test_the_replica_is_never_written_over_rest(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert as_user(5)(method, "/quotes/7").code == "method_not_allowed"


def test_a_token_is_not_needed_to_read(make_quote: Callable[..., Quote], api: Api) -> None:
    make_quote(author="Hamlet", created_by=5)
    assert api("GET", "/quotes/7").body == {
        "id": 7,
        "title": "To be.",
        "author": "Hamlet",
        "version": 1,
        "created_by": 5,
        "updated_at": "2026-11-25T04:38:40.123456Z",
    }


def test_a_trace_goes_from_the_request_to_the_event(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    as_user(5)("POST", LIKE, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert OutboxEvent.objects.get().traceparent.split("-")[1] == trace


def keyed(method: str, key: str) -> Response:
    """Like, or take back, with a key."""
    return as_user(5)(method, LIKE, headers={"Idempotency-Key": key})


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_is_sent_again_with_its_key_is_done_once_and_answered_the_same(
    make_quote: Callable[..., Quote], method: str
) -> None:
    make_quote()
    if method == "DELETE":
        keyed("POST", "of the like")
    first = keyed(method, "k")
    done = len(published())
    again = keyed(method, "k")
    assert (again.status, again.body) == (first.status, first.body)
    assert len(published()) == done
    assert keyed(method, "another").code == ("already_liked" if method == "POST" else "not_liked")


def test_what_is_sent_again_undoes_nothing_that_came_since(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    keyed("POST", "a")
    keyed("DELETE", "b")
    assert keyed("POST", "a").status == 201
    assert not Like.objects.exists()
    keyed("POST", "c")
    assert keyed("DELETE", "b").status == 200
    assert Like.objects.exists()
    assert [event_type for event_type, _ in published()] == [
        "likes.like.created", "likes.like.deleted", "likes.like.created",
    ]  # fmt: skip


def test_a_key_of_which_nothing_was_done_makes_no_refusal_a_success(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    assert [keyed("DELETE", "k").code for _ in range(2)] == ["not_liked"] * 2
    assert keyed("POST", "k").status == 201


def test_a_key_is_that_of_one_user_and_quote(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    make_quote(8)
    keyed("POST", "k")
    of_another = as_user(6)("POST", LIKE, headers={"Idempotency-Key": "k"})
    of_another_quote = as_user(5)("POST", "/quotes/8/like", headers={"Idempotency-Key": "k"})
    assert (of_another.status, of_another_quote.status) == (201, 201)
    assert Like.objects.count() == 3


def test_a_key_that_is_none_is_refused(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    assert [keyed("POST", key).status for key in ("", "a b", "k" * 256)] == [422] * 3
    assert not Like.objects.exists()


def test_a_like_and_an_unlike_of_one_key_are_two_requests(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    for _ in range(2):
        assert (keyed("POST", "k").status, keyed("DELETE", "k").status) == (201, 200)
        assert not Like.objects.exists()
