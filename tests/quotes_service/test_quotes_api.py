"""Quotes over REST: written, read, changed, deleted, and what is refused."""

import json
from collections.abc import Callable

import pytest
from django.utils import timezone

from identity.tokens import Caller
from messaging.models import InboxEvent, OutboxEvent
from quotes_service import domain
from quotes_service.models import Quote, User
from tests.quotes_service.conftest import as_user
from tests.rest_api import Api

pytestmark = pytest.mark.django_db
BEYOND = 2**63


def test_a_quote_written_can_be_read(ann: User, api: Api) -> None:
    written = as_user(ann)("POST", "/quotes", {"title": "  To be.  ", "author": " Hamlet "})
    assert written.status == 201
    assert written.body["title"] == "To be."
    assert written.body["author"] == "Hamlet"
    assert written.body["likes"] == 0
    assert written.body["version"] == 1
    assert written.body["created_by"] == ann.id
    assert written.body["created_at"] == written.body["updated_at"]
    assert len(written.body["created_at"]) == len("2026-11-25T04:38:40.123456Z")
    assert api("GET", f"/quotes/{written.body['id']}").body == written.body


@pytest.mark.parametrize("author", [None, "", "   "])
def test_a_quote_needs_no_author(ann: User, author: str | None) -> None:
    response = as_user(ann)("POST", "/quotes", {"title": "To be.", "author": author})
    assert (response.status, response.body["author"]) == (201, None)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"title": "required"}),
        ({"title": ""}, {"title": "blank"}),
        ({"title": " \t\n "}, {"title": "blank"}),
        ({"title": "x" * 501}, {"title": "too_long"}),
        ({"title": "x" * 501, "author": "y" * 101}, {"title": "too_long", "author": "too_long"}),
        ({"title": 5}, {"title": "invalid"}),
        ({"title": None}, {"title": "invalid"}),
        ({"title": ["x"]}, {"title": "invalid"}),
    ],
)
def test_a_wrong_field_is_unprocessable_and_named(
    ann: User, body: object, fields: dict[str, str]
) -> None:
    response = as_user(ann)("POST", "/quotes", body)
    assert (response.status, response.code) == (422, "validation_error")
    assert response.field_codes == fields
    assert not Quote.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("title", ["x" * 500, "é" * 500, "😀" * 500, "'; DROP TABLE quotes; --"])
def test_the_longest_and_strangest_titles_are_kept_whole(ann: User, title: str, api: Api) -> None:
    response = as_user(ann)("POST", "/quotes", {"title": title})
    assert response.status == 201
    assert api("GET", f"/quotes/{response.body['id']}").body["title"] == title


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"null",
        b"5",
        b'"text"',
        b"[]",
        b'{"title": "a\\u0000b"}',
        b'{"title": "\\ud83d"}',
        b'{"title": "x", "author": "\\udc00"}',
        b'{"title": "x", "\\u0000": 1}',
        b'{"title": "\xff"}',
        b'{"title": NaN}',
        b"[" * 5000,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
    ],
)
def test_what_cannot_be_read_or_stored_is_a_bad_request(ann: User, body: bytes) -> None:
    response = as_user(ann)("POST", "/quotes", body)
    assert (response.status, response.code) == (400, "invalid_request")
    assert not Quote.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_a_body_of_a_megabyte_is_too_large(ann: User) -> None:
    response = as_user(ann)("POST", "/quotes", {"title": "x" * 1_000_000})
    assert (response.status, response.code) == (413, "too_large")


def test_unknown_fields_are_passed_over(ann: User) -> None:
    body = {"title": "To be.", "id": 7, "likes": 99, "created_by": 1, "version": 12}
    response = as_user(ann)("POST", "/quotes", body)
    assert (response.body["likes"], response.body["version"]) == (0, 1)
    assert response.body["created_by"] == ann.id


@pytest.mark.parametrize(
    "path", ["0", "-1", str(BEYOND), "1" + "0" * 40, "abc", "1.5", "%00", "\u0661", "99999"]
)
def test_an_id_of_nothing_is_not_found(api: Api, ann: User, path: str) -> None:
    for caller, method in ((api, "GET"), (as_user(ann), "PATCH"), (as_user(ann), "DELETE")):
        response = caller(method, f"/quotes/{path}", {"title": "x"})
        assert (response.status, response.code) == (404, "not_found")


def test_a_path_that_is_not_there_and_a_method_that_is_not_are_problems(api: Api) -> None:
    assert api("GET", "/nothing").code == "not_found"
    refused = api("PUT", "/quotes")
    assert (refused.status, refused.code) == (405, "method_not_allowed")
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_a_change_keeps_what_is_not_given(ann: User, make_quote: Callable[..., Quote]) -> None:
    quote = make_quote("To be.", author="Hamlet")
    response = as_user(ann)("PATCH", f"/quotes/{quote.id}", {"title": " Or not. "})
    assert response.status == 200
    assert (response.body["title"], response.body["author"]) == ("Or not.", "Hamlet")
    assert response.body["version"] == 2
    assert response.body["updated_at"] > response.body["created_at"]


def test_an_author_is_removed_by_null(ann: User, make_quote: Callable[..., Quote]) -> None:
    quote = make_quote("To be.", author="Hamlet")
    response = as_user(ann)("PATCH", f"/quotes/{quote.id}", {"author": None})
    assert (response.body["title"], response.body["author"]) == ("To be.", None)


def test_a_change_of_nothing_changes_nothing(ann: User, make_quote: Callable[..., Quote]) -> None:
    response = as_user(ann)("PATCH", f"/quotes/{make_quote().id}", {})
    assert (response.status, response.body["version"]) == (200, 1)
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [({"title": None}, "invalid"), ({"title": " "}, "blank"), ({"title": "x" * 501}, "too_long")],
)
def test_a_change_is_checked_like_a_new_quote(
    ann: User, make_quote: Callable[..., Quote], body: dict[str, object], code: str
) -> None:
    response = as_user(ann)("PATCH", f"/quotes/{make_quote().id}", body)
    assert (response.status, response.field_codes) == (422, {"title": code})


def test_put_replaces_the_author_too(ann: User, make_quote: Callable[..., Quote]) -> None:
    quote = make_quote("To be.", author="Hamlet")
    caller = as_user(ann)
    response = caller("PUT", f"/quotes/{quote.id}", {"title": "Or not."})
    assert (response.status, response.body["author"]) == (200, None)
    assert caller("PUT", f"/quotes/{quote.id}", {"author": "x"}).field_codes == {
        "title": "required"
    }


def test_delete_answers_the_quote_as_it_was(
    ann: User, make_quote: Callable[..., Quote], api: Api
) -> None:
    quote = make_quote("To be.")
    before = api("GET", f"/quotes/{quote.id}").body
    response = as_user(ann)("DELETE", f"/quotes/{quote.id}")
    assert (response.status, response.body) == (200, before)
    assert api("GET", f"/quotes/{quote.id}").code == "not_found"
    assert as_user(ann)("DELETE", f"/quotes/{quote.id}").code == "not_found"


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_only_the_creator_and_staff_may_change_a_quote(
    ann: User, bob: User, staff: User, make_quote: Callable[..., Quote], api: Api, method: str
) -> None:
    path = f"/quotes/{make_quote().id}"
    anonymous = api(method, path, {"title": "x"})
    assert (anonymous.status, anonymous.code) == (401, "not_authenticated")
    assert anonymous.headers["WWW-Authenticate"] == "Bearer"
    other = as_user(bob)(method, path, {"title": "x"})
    assert (other.status, other.code) == (403, "permission_denied")
    assert Quote.objects.get().version == 1
    assert not OutboxEvent.objects.exists()
    assert as_user(staff)(method, path, {"title": "x"}).status == 200


def test_a_quote_whose_creator_is_gone_can_be_changed_by_staff_alone(
    bob: User, staff: User, make_quote: Callable[..., Quote]
) -> None:
    quote = make_quote(created_by=None)
    assert as_user(bob)("DELETE", f"/quotes/{quote.id}").status == 403
    assert as_user(staff)("DELETE", f"/quotes/{quote.id}").status == 200


def test_likes_below_zero_are_shown_as_zero(make_quote: Callable[..., Quote], api: Api) -> None:
    quote = make_quote(likes=-3)
    assert api("GET", f"/quotes/{quote.id}").body["likes"] == 0
    assert api("GET", "/quotes").body["items"][0]["likes"] == 0


def test_a_quote_tells_which_events_its_count_has(
    make_quote: Callable[..., Quote],
    api: Api,
    django_assert_num_queries: Callable[..., object],
) -> None:
    quote = make_quote(likes=1)
    for event_id, source in (("e1", "/likes"), ("e2", "/other")):
        InboxEvent.objects.create(event_id=event_id, source=source, handled_at=timezone.now())
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        response = api("GET", f"/quotes/{quote.id}?after_events=e3,e1,e2,e1")
    assert response.body["likes"] == 1
    assert response.body["applied_events"] == ["e1"]
    assert api("GET", f"/quotes/{quote.id}?after_events=e3").body["applied_events"] == []
    assert "applied_events" not in api("GET", f"/quotes/{quote.id}").body


def test_whoever_adds_events_to_a_count_is_told_it_below_zero(
    make_quote: Callable[..., Quote], api: Api
) -> None:
    path = f"/quotes/{make_quote(likes=-1).id}"
    told = api("GET", f"{path}?after_events=e1").body
    assert (told["likes"], told["stored_likes"]) == (0, -1)
    [listed] = api("GET", f"/quotes?id={path.rpartition('/')[2]}&after_events=e1").body["items"]
    assert (listed["likes"], listed["stored_likes"]) == (0, -1)
    assert "stored_likes" not in api("GET", path).body


def test_a_count_has_the_events_before_the_last_whole_one_in_it(
    make_quote: Callable[..., Quote], api: Api
) -> None:
    """They may never be handled here: a backup was restored, or the broker has lost them."""
    path = f"/quotes/{make_quote(likes=1, likes_counted_sequence=10).id}"
    asked = "e1:9,e2:10,e3,e4:x,e5:99999999999999999999"
    assert api("GET", f"{path}?after_events={asked}").body["applied_events"] == ["e1"]


def test_too_many_or_unstorable_event_ids_are_refused(
    make_quote: Callable[..., Quote], api: Api
) -> None:
    path = f"/quotes/{make_quote().id}"
    many = ",".join(f"e{number}" for number in range(51))
    assert api("GET", f"{path}?after_events={many}").field_codes == {"after_events": "too_many"}
    assert api("GET", f"{path}?after_events=a%00b").code == "invalid_request"


def test_a_deleted_quote_wins_over_every_earlier_state(ann: User) -> None:
    quote = domain.create_quote(user_id=ann.id, title="To be.")
    caller = Caller(user_id=ann.id)
    domain.update_quote(quote_id=quote.id, caller=caller, title="Or not.")
    domain.delete_quote(quote_id=quote.id, caller=caller)
    versions = [json.loads(row.data)["version"] for row in OutboxEvent.objects.order_by("id")]
    assert versions == [1, 2, 3]
