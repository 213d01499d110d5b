"""A quote is changed only as its caller has seen it, where the caller says what that was."""

from collections.abc import Callable

import pytest

from messaging.models import OutboxEvent
from quotes_service.models import Quote, User
from tests.quotes_service.conftest import as_user
from tests.rest_api import Api

pytestmark = pytest.mark.django_db
METHODS = ["PATCH", "PUT", "DELETE"]
NEW = {"title": "New."}


def test_every_answer_with_one_quote_has_its_entity_tag(ann: User, api: Api) -> None:
    mine = as_user(ann)
    written = mine("POST", "/quotes", {"title": "Old."})
    path = f"/quotes/{written.body['id']}"
    changed = mine("PATCH", path, NEW)
    read, replaced = api("GET", path), mine("PUT", path, NEW)
    tags = [response.headers["ETag"] for response in (written, changed, read, replaced)]
    assert tags == ['"1"', '"2"', '"2"', '"3"']


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "if_match", ['"3"', "*", '"2", "3"', '"other", W/"1" ,"3"', '"a,b","3"', ' "3" ']
)
def test_a_quote_that_is_as_expected_is_changed(
    ann: User, make_quote: Callable[..., Quote], method: str, if_match: str
) -> None:
    quote = make_quote(version=3)
    response = as_user(ann)(method, f"/quotes/{quote.id}", NEW, {"If-Match": if_match})
    assert response.status == 200
    assert OutboxEvent.objects.count() == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "if_match", ['"2"', 'W/"3"', '"3x"', '""', '"03"', '"-3"', '"2", W/"3"', f'"{"9" * 40}"']
)
def test_one_that_is_not_is_left_alone_and_told_as_it_is(
    ann: User, api: Api, make_quote: Callable[..., Quote], method: str, if_match: str
) -> None:
    quote = make_quote(version=3)
    path = f"/quotes/{quote.id}"
    response = as_user(ann)(method, path, NEW, {"If-Match": if_match})
    assert (response.status, response.code) == (412, "conflict")
    assert response.body["current"] == api("GET", path).body
    assert response.body["current"]["title"] == "Simplify."
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("if_match", ["3", "", '"3', "'3'", "**"])
def test_what_is_no_entity_tag_is_a_bad_request_and_nothing_changes(
    ann: User, make_quote: Callable[..., Quote], if_match: str
) -> None:
    quote = make_quote(version=3)
    response = as_user(ann)("PATCH", f"/quotes/{quote.id}", NEW, {"If-Match": if_match})
    assert (response.status, response.code) == (400, "invalid_request")
    assert Quote.objects.get().version == 3


def test_who_may_not_change_it_learns_nothing_of_its_version(
    bob: User, staff: User, make_quote: Callable[..., Quote]
) -> None:
    path = f"/quotes/{make_quote(version=3).id}"
    for if_match in ('"2"', '"3"'):
        assert as_user(bob)("PATCH", path, NEW, {"If-Match": if_match}).status == 403
    assert as_user(staff)("PATCH", path, NEW, {"If-Match": '"2"'}).status == 412
    assert as_user(staff)("PATCH", path, NEW, {"If-Match": '"3"'}).status == 200


def test_a_change_of_nothing_is_refused_too_if_the_quote_is_another(
    ann: User, make_quote: Callable[..., Quote]
) -> None:
    path = f"/quotes/{make_quote(version=3).id}"
    assert as_user(ann)("PATCH", path, {}, {"If-Match": '"2"'}).status == 412
    assert as_user(ann)("PATCH", path, {}, {"If-Match": '"3"'}).body["version"] == 3


def test_a_quote_that_is_gone_is_not_found_whatever_was_expected(ann: User) -> None:
    for if_match in ("*", '"1"'):
        response = as_user(ann)("PATCH", "/quotes/99", NEW, {"If-Match": if_match})
        assert (response.status, response.code) == (404, "not_found")
