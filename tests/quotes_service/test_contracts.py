"""Quotes responds and publishes as tests/contracts says, which the callers' tests rely on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from identity.tokens import Caller
from messaging.events import Event
from messaging.models import InboxEvent, OutboxEvent
from messaging.schemas import check_data
from quotes_service import domain
from quotes_service.accounts import standing
from quotes_service.counting import LikeChange, count_likes
from quotes_service.handlers import HANDLERS
from quotes_service.models import Quote, User
from tests.examples import CONTRACTS, read, shape
from tests.flow import event_ids, handled
from tests.quotes_service.conftest import as_user
from tests.quotes_service.logins import device_of
from tests.rest_api import Api, Response

pytestmark = pytest.mark.django_db
REST = {path.stem: path for path in sorted((CONTRACTS / "rest" / "quotes").glob("*.json"))}
# These may hold a value or null; what the example has decides nothing.
NULLABLE = {"author", "created_by"}


@pytest.fixture
def responses(
    ann: User, bob: User, api: Api, make_quote: Callable[..., Quote], settings: Settings
) -> dict[str, Callable[[], Response]]:
    """How to get each response of the contract."""
    settings.LOGIN_RATE = "1/minute"
    quote = make_quote("To be.", author="Shakespeare", likes=3)
    make_quote("Or not.")
    InboxEvent.objects.create(event_id="e1", source="/likes", handled_at=timezone.now())
    handled(event_ids(read(REST["read_known_events"]))[0])
    ann.set_password("correct horse battery")
    ann.save()
    path, mine = f"/quotes/{quote.id}", as_user(ann)
    new = {"title": "To be.", "author": "Shakespeare"}
    account = {"username": "carol", "password": "correct horse battery", "email": "c@example.com"}
    log_in = {"username": "ann", "password": "correct horse battery"}
    wrong_one = {"password": "no"}
    wrong = {"title": "x" * 501, "author": "y" * 101}
    ours, other = device_of(ann), device_of(ann)
    passwords = {"old_password": "correct horse battery", "new_password": "wrong horse battery"}
    refresh = {"refresh_token": other.refresh_token}
    key = {"Idempotency-Key": "k"}
    mine("POST", "/quotes", new, key)
    return {
        "create_quote": lambda: mine("POST", "/quotes", new),
        "read_quote": lambda: api("GET", path),
        "read_quote_with_applied_events": lambda: api("GET", f"{path}?after_events=e1,e2"),
        "update_quote": lambda: mine("PATCH", path, new),
        "delete_quote": lambda: mine("DELETE", path),
        "list_quotes": lambda: api("GET", "/quotes?limit=1"),
        "list_no_quotes": lambda: api("GET", "/quotes?search=nothing"),
        "register": lambda: api("POST", "/users", account),
        "log_in": lambda: api("POST", "/tokens", log_in),
        "refresh": lambda: api("POST", "/tokens/refresh", refresh),
        "invalid_refresh_token": lambda: api("POST", "/tokens/refresh", {"refresh_token": "x"}),
        "list_sessions": lambda: ours.api("GET", "/sessions"),
        "end_session": lambda: ours.api("DELETE", f"/sessions/{other.session_id}"),
        "end_current_session": lambda: ours.api("DELETE", "/sessions/current"),
        "session_not_found": lambda: ours.api("DELETE", "/sessions/999999"),
        "change_password": lambda: ours.api("PUT", "/account/password", passwords),
        "wrong_password": lambda: ours.api(
            "PUT", "/account/password", passwords | {"old_password": "no"}
        ),
        "change_email": lambda: ours.api("PUT", "/account/email", {"email": "a@example.com"}),
        "delete_account": lambda: ours.api(
            "POST", "/account/deletion", {"password": "correct horse battery"}
        ),
        "read_user": lambda: api("GET", f"/users/{ann.id}"),
        "read_own_user": lambda: mine("GET", f"/users/{ann.id}"),
        "list_users": lambda: api("GET", f"/users?id={ann.id}"),
        "quote_not_found": lambda: api("GET", "/quotes/999999"),
        "wrong_fields": lambda: mine("POST", "/quotes", wrong),
        "search_too_long": lambda: api("GET", read(REST["search_too_long"])["path"]),
        "not_authenticated": lambda: api("POST", "/quotes", new),
        "invalid_token": lambda: Api("x")("POST", "/quotes", new),
        "permission_denied": lambda: as_user(bob)("DELETE", path),
        "version_conflict": lambda: mine("PATCH", path, new, {"If-Match": '"2"'}),
        "invalid_credentials": lambda: api("POST", "/tokens", log_in | wrong_one),
        "rate_limited": lambda: [api("POST", "/tokens", log_in | wrong_one) for _ in range(2)][1],
        "username_taken": lambda: api("POST", "/users", account | {"username": "ann"}),
        "idempotency_key_reused": lambda: mine("POST", "/quotes", {"title": "Other"}, key),
        "read_known": lambda: api("GET", "/known"),
        "read_known_events": lambda: api("GET", read(REST["read_known_events"])["path"]),
        "invalid_cursor": lambda: api("GET", "/quotes?after=zzz"),
        "invalid_request": lambda: mine("POST", "/quotes", []),
    }


@pytest.mark.parametrize("name", REST)
def test_an_answer_is_as_its_example(
    name: str, responses: dict[str, Callable[[], Response]]
) -> None:
    example, response = read(REST[name]), responses[name]()
    assert response.status == example["status"]
    # 429 tells the time that is left, 412 a quote of this test's own.
    if response.status >= 400 and response.status not in {412, 429}:
        assert response.body == example["body"]
    else:
        assert shape(response.body, NULLABLE) == shape(example["body"], NULLABLE)


def test_events_are_as_their_examples(ann: User) -> None:
    caller = Caller(user_id=ann.id)
    quote = domain.create_quote(user_id=ann.id, title="To be.", author="Hamlet")
    domain.update_quote(quote_id=quote.id, caller=caller, title="Or not.")
    count_likes([LikeChange(quote.id, 12, 1)])
    domain.delete_quote(quote_id=quote.id, caller=caller)
    standing.end_tokens(ann.id)
    domain.delete_user(user_id=ann.id)
    assert OutboxEvent.objects.count() == 6
    for row in OutboxEvent.objects.all():
        example = read(CONTRACTS / "events" / f"{row.type}.json")
        assert shape(json.loads(row.data), NULLABLE) == shape(example["data"], NULLABLE)
        kind, _, rest = example["subject"].partition("/")
        number = ann.id if kind == "users" else quote.id
        assert row.key == f"{kind}/{number}{rest.lstrip('0123456789')}"


@pytest.mark.parametrize(
    "path", sorted((CONTRACTS / "events").glob("quotes.*.json")), ids=lambda path: path.stem
)
def test_each_example_of_an_event_fits_its_schema(path: Path) -> None:
    example = read(path)
    check_data(example["type"], example["data"])
    check_data(example["type"], example["data"] | {"a_field_of_a_later_release": 1})


@pytest.mark.parametrize(
    "path", sorted((CONTRACTS / "events").glob("likes.*.json")), ids=lambda path: path.stem
)
def test_the_events_of_likes_are_counted_as_their_examples_are(
    path: Path, make_quote: Callable[..., Quote]
) -> None:
    quote, example = make_quote(), read(path)
    data = example["data"] | {"quote_id": quote.id}
    event = Event(
        type=example["type"],
        source="/likes",
        subject=f"quotes/{quote.id}",
        data=data,
        sequence=1,
    )
    HANDLERS[event.type]([event])
    counted = {"likes.like.created": 1, "likes.like.deleted": -1, "likes.like.counted": 3}
    assert Quote.objects.get().likes == counted[path.stem]
