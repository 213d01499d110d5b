"""Likes responds and publishes as tests/contracts says, which the callers' tests rely on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from identity.accounts import AccountState, apply_account_states
from likes_service import counting, domain
from likes_service.models import Quote
from messaging.models import OutboxEvent
from messaging.schemas import check_data
from tests.examples import CONTRACTS, read, shape
from tests.flow import event_ids, handled
from tests.likes_service.conftest import NOW, FakeQuotes, as_user
from tests.rest_api import Api, Response
from tests.signed_tokens import token_of

pytestmark = pytest.mark.django_db
REST = {path.stem: path for path in sorted((CONTRACTS / "rest" / "likes").glob("*.json"))}
EVENTS = sorted((CONTRACTS / "events").glob("likes.*.json"))
# These may hold a value or null; what the example has decides nothing.
NULLABLE = {"author", "created_by", "start_cursor", "end_cursor", "valid_from"}


@pytest.fixture
def responses(
    api: Api, make_quote: Callable[..., Quote], quotes: FakeQuotes, settings: Any
) -> dict[str, Callable[[], Response]]:
    """How to get each response of the contract."""
    for quote_id in (7, 8, 9):
        make_quote(quote_id, author="William Shakespeare", created_by=5)
    for user_id in (6, 5):
        domain.like_quote(user_id=user_id, quote_id=8)
    handled(event_ids(read(REST["read_known_events"]))[0])
    ann = as_user(5)
    apply_account_states([AccountState(7, 2, active=True, valid_from=NOW)])

    def with_quotes_down() -> Response:
        settings.QUOTES_URL = "http://127.0.0.1:9"
        return ann("POST", "/quotes/999999/like")

    return {
        "like_quote": lambda: ann("POST", "/quotes/7/like"),
        "unlike_quote": lambda: ann("DELETE", "/quotes/8/like"),
        "already_liked": lambda: ann("POST", "/quotes/8/like"),
        "not_liked": lambda: ann("DELETE", "/quotes/7/like"),
        "like_quote_not_found": lambda: ann("POST", "/quotes/999999/like"),
        "quotes_unavailable": with_quotes_down,
        "not_authenticated": lambda: api("POST", "/quotes/7/like"),
        "invalid_token": lambda: Api("x")("POST", "/quotes/7/like"),
        "list_likes": lambda: api("GET", "/likes?quote=7,8&user=5&limit=100"),
        "list_likes_per_quote": lambda: api("GET", "/likes?quote=7,8&per_quote=1"),
        "list_no_likes": lambda: api("GET", "/likes?quote=999999"),
        "list_quotes": lambda: api("GET", "/quotes?limit=1"),
        "read_quote": lambda: api("GET", "/quotes/7"),
        "list_accounts": lambda: Api(token_of(1, staff=True))("GET", "/accounts"),
        "read_known": lambda: api("GET", "/known"),
        "read_known_events": lambda: api("GET", read(REST["read_known_events"])["path"]),
        "read_known_numbers": lambda: api("GET", "/known/numbers"),
        "invalid_cursor": lambda: api("GET", "/likes?after=zzz"),
        "wrong_parameters": lambda: api("GET", "/likes?limit=101"),
    }


@pytest.mark.parametrize("name", REST)
def test_an_answer_is_as_its_example(
    name: str, responses: dict[str, Callable[[], Response]]
) -> None:
    example, response = read(REST[name]), responses[name]()
    assert response.status == example["status"]
    if response.status >= 400 and not example["body"].get("events"):
        assert response.body == example["body"]
    else:
        assert shape(response.body, NULLABLE) == shape(example["body"], NULLABLE)


def test_each_answer_of_the_contract_has_an_example(
    responses: dict[str, Callable[[], Response]],
) -> None:
    assert set(REST) == set(responses)


def test_events_are_as_their_examples(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    domain.like_quote(user_id=5, quote_id=7)
    domain.unlike_quote(user_id=5, quote_id=7)
    counting.publish_counts([7])
    rows = list(OutboxEvent.objects.order_by("type"))
    assert [row.type for row in rows] == [path.stem for path in EVENTS]
    for row, path in zip(rows, EVENTS, strict=True):
        example = read(path)
        assert shape(json.loads(row.data), NULLABLE) == shape(example["data"], NULLABLE)
        assert row.key == example["subject"]


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_each_example_of_an_event_fits_its_schema(path: Path) -> None:
    example = read(path)
    check_data(example["type"], example["data"])
    check_data(example["type"], example["data"] | {"a_field_of_a_later_release": 1})
