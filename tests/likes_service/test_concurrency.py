"""Many callers at once, each with its own connection: PostgreSQL, and SQLite in a file."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import requests
from django.db import connection, transaction
from pytest_django.live_server_helper import LiveServer

from likes_service import counting, domain
from likes_service.errors import AlreadyLiked, NotLiked, QuoteNotFound
from likes_service.models import Like, Quote, WithdrawnLike
from likes_service.replica import QuoteState, apply_quote_states
from messaging.models import OutboxEvent
from tests.likes_service.at_once import DEADLINE, at_once, held_open, waiting_for_another
from tests.likes_service.conftest import FakeQuotes, as_user, published
from tests.signed_tokens import token_of

pytestmark = pytest.mark.django_db(transaction=True)
TOMBSTONE = QuoteState(id=7, version=2, deleted=True)


def like(user_id: int = 5, quote_id: int = 7) -> domain.LikeChange:
    return domain.like_quote(user_id=user_id, quote_id=quote_id)


def unlike(user_id: int = 5, quote_id: int = 7) -> domain.LikeChange:
    return domain.unlike_quote(user_id=user_id, quote_id=quote_id)


def outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except (AlreadyLiked, NotLiked, QuoteNotFound) as error:
        return type(error).__name__
    return "done"


def test_fifty_likes_at_once_by_one_user_are_one_like(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    responses = at_once(*[partial(as_user(5), "POST", "/quotes/7/like")] * 50)
    assert Counter(response.status for response in responses) == {201: 1, 409: 49}
    assert {response.code for response in responses if response.status == 409} == {"already_liked"}
    assert Like.objects.count() == 1
    assert [name for name, _ in published()] == ["likes.like.created"]


def test_fifty_likes_at_once_through_a_server_are_one_like(
    make_quote: Callable[..., Quote], live_server: LiveServer
) -> None:
    make_quote()
    headers = {"Authorization": f"Bearer {token_of(5)}"}
    url = f"{live_server.url}/quotes/7/like"
    responses = at_once(*[partial(requests.post, url, headers=headers, timeout=DEADLINE)] * 50)
    assert Counter(response.status_code for response in responses) == {201: 1, 409: 49}
    assert Like.objects.count() == OutboxEvent.objects.count() == 1


def test_unlikes_at_once_are_one_unlike(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    like()
    outcomes = at_once(*[partial(outcome, unlike)] * 8)
    assert Counter(outcomes) == {"done": 1, "NotLiked": 7}
    assert len(published()) == 2


def test_likes_at_once_by_many_users_all_count(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    at_once(*[partial(like, user_id=user_id) for user_id in range(1, 21)])
    assert Like.objects.count() == len(published()) == 20


def test_likes_and_unlikes_at_once_leave_what_their_events_add_up_to(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    at_once(*[partial(outcome, call) for call in [like, unlike] * 10])
    names = [name for name, _ in published()]
    assert names == ["likes.like.created", "likes.like.deleted"] * (len(names) // 2) + (
        ["likes.like.created"] * (len(names) % 2)
    )
    assert Like.objects.count() == len(names) % 2
    rows = list(Like.objects.values_list("events", flat=True))
    rows += list(WithdrawnLike.objects.values_list("events", flat=True))
    [kept] = rows
    sent = list(OutboxEvent.objects.order_by("id").values_list("event_id", flat=True))
    assert [event["id"] for event in kept] == sent[-len(kept) :]


def test_the_first_likes_at_once_of_an_unknown_quote_all_count(quotes: FakeQuotes) -> None:
    quote_id = quotes.example("read_quote")["id"]
    at_once(*[partial(like, user_id=user_id, quote_id=quote_id) for user_id in range(1, 9)])
    assert Quote.objects.count() == 1
    assert Like.objects.count() == len(published()) == 8


def test_a_deletion_waits_for_a_like_under_way_and_removes_it(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    delete = partial(apply_quote_states, [TOMBSTONE])
    with held_open(like), waiting_for_another(delete) as deleted:
        pass
    deleted.result(DEADLINE)
    assert Quote.objects.get().deleted
    assert not Like.objects.exists()


def test_a_like_waits_for_a_deletion_under_way_and_finds_the_tombstone(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    with (
        held_open(lambda: apply_quote_states([TOMBSTONE])),
        waiting_for_another(partial(outcome, like)) as liked,
    ):
        pass
    assert liked.result(DEADLINE) == "QuoteNotFound"
    assert not Like.objects.exists()
    assert published() == []


def test_a_deletion_waits_for_an_unlike_under_way_and_removes_what_it_left(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    like()
    delete = partial(apply_quote_states, [TOMBSTONE])
    with held_open(unlike), waiting_for_another(delete) as deleted:
        pass
    deleted.result(DEADLINE)
    assert not Like.objects.exists()
    assert not WithdrawnLike.objects.exists()


def test_an_unlike_waits_for_a_deletion_under_way_and_finds_nothing(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    like()
    with (
        held_open(lambda: apply_quote_states([TOMBSTONE])),
        waiting_for_another(partial(outcome, unlike)) as unliked,
    ):
        pass
    assert unliked.result(DEADLINE) == "QuoteNotFound"
    assert not WithdrawnLike.objects.exists()
    assert len(published()) == 1


def test_a_like_waits_for_its_users_unlike_under_way_and_tells_all_the_events(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    like()
    with held_open(unlike), waiting_for_another(like) as liked:
        pass
    assert [event.likes for event in liked.result(DEADLINE).events] == [1, -1, 1]
    assert not WithdrawnLike.objects.exists()


@pytest.mark.parametrize("change", [like, unlike])
def test_who_changes_a_like_does_not_wait_for_others(
    make_quote: Callable[..., Quote], change: Callable[..., Any]
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    make_quote()
    for user_id in (1, 2) if change is unlike else ():
        like(user_id=user_id)
    with held_open(partial(change, user_id=1)):
        change(user_id=2)
    assert Like.objects.count() == (0 if change is unlike else 2)


def test_an_update_of_a_quote_does_not_wait_for_likes_under_way(
    make_quote: Callable[..., Quote],
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    make_quote()
    with held_open(like):
        apply_quote_states([QuoteState(id=7, version=2, title="newer")])
    assert Quote.objects.get().title == "newer"
    assert Like.objects.count() == 1


@pytest.mark.parametrize("late", [like, unlike])
def test_a_deletion_is_not_overtaken_by_likes_that_come_later(
    make_quote: Callable[..., Quote], late: Callable[..., Any]
) -> None:
    make_quote()
    if late is unlike:
        like(user_id=2)
    delete = partial(apply_quote_states, [TOMBSTONE])
    overtaking = partial(outcome, partial(late, user_id=2))
    with (
        held_open(partial(like, user_id=1)),
        waiting_for_another(delete) as deleted,
        waiting_for_another(overtaking, waiting=2) as overtook,
    ):
        pass
    deleted.result(DEADLINE)
    if connection.vendor == "postgresql":  # SQLite's writers have no order
        assert overtook.result(DEADLINE) == "QuoteNotFound"
    assert not Like.objects.exists()


def test_a_count_is_not_overtaken_by_likes_that_come_later(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    count = partial(counting.publish_counts, [7])
    with (
        held_open(partial(like, user_id=1)),
        waiting_for_another(count) as counted,
        waiting_for_another(partial(like, user_id=2), waiting=2) as liked,
    ):
        pass
    [published_count] = counted.result(DEADLINE)
    assert liked.result(DEADLINE).events
    if connection.vendor == "postgresql":  # SQLite's writers have no order
        assert published_count["likes"] == 1
    assert [name for name, _ in published()].count("likes.like.created") == 2


@pytest.mark.parametrize("round_number", range(5))
def test_no_like_is_left_on_a_tombstone_however_they_meet(
    make_quote: Callable[..., Quote], round_number: int
) -> None:
    make_quote()
    likers = [partial(outcome, partial(like, user_id=user_id)) for user_id in range(1, 9)]
    delete = partial(outcome, lambda: apply_quote_states([TOMBSTONE]))
    outcomes = at_once(*likers[:4], delete, *likers[4:])
    assert set(outcomes) <= {"done", "QuoteNotFound"}
    assert Quote.objects.get().deleted
    assert not Like.objects.exists()
    assert len(published()) == outcomes.count("done") - 1


def test_states_are_applied_from_the_smallest_id_on_whatever_order_they_come_in(
    make_quote: Callable[..., Quote],
) -> None:
    """Who waits for a quote then has none behind it, for which another could wait in a circle."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    for quote_id in (1, 2):
        make_quote(quote_id)
    first, second = (QuoteState(id=quote_id, version=2) for quote_id in (1, 2))
    both = partial(apply_quote_states, [second, first])
    with (
        held_open(partial(apply_quote_states, [first])),
        waiting_for_another(both) as applied,
        transaction.atomic(),
    ):
        free = Quote.objects.select_for_update(skip_locked=True)
        assert list(free.values_list("id", flat=True)) == [2]
    applied.result(DEADLINE)


def test_those_who_apply_states_at_once_in_opposite_orders_all_come_through() -> None:
    def states(version: int) -> list[QuoteState]:
        found = [
            QuoteState(id=quote_id, version=version, title=f"v{version}", deleted=quote_id == 3)
            for quote_id in range(1, 40)
        ]
        return found if version % 2 else found[::-1]

    at_once(*[partial(apply_quote_states, states(version)) for version in range(1, 9)])
    assert set(Quote.objects.filter(deleted=False).values_list("version", "title")) == {(8, "v8")}
    assert Quote.objects.get(deleted=True).version == 8
