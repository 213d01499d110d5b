"""A like, and what becomes of it."""

from collections.abc import Callable

import pytest
from django.db import transaction

from likes_service import domain
from likes_service.errors import AlreadyLiked, NotLiked, QuoteNotFound, QuotesUnavailable
from likes_service.models import Like, Quote, WithdrawnLike
from likes_service.recent_events import MOST_KEPT
from likes_service.replica import QuoteState, apply_quote_states
from messaging.models import OutboxEvent
from rest.timestamps import timestamp
from tests.likes_service.conftest import FakeQuotes, published

pytestmark = pytest.mark.django_db
HUGE = 2**63 - 1


def like(user_id: int = 5, quote_id: int = 7) -> domain.LikeChange:
    return domain.like_quote(user_id=user_id, quote_id=quote_id)


def unlike(user_id: int = 5, quote_id: int = 7) -> domain.LikeChange:
    return domain.unlike_quote(user_id=user_id, quote_id=quote_id)


def test_a_like_and_its_event_are_written_together(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    change = like()
    row = Like.objects.get()
    assert (row.user_id, row.quote_id, row.created_at) == (5, 7, change.created_at)
    data = {"quote_id": 7, "user_id": 5, "created_at": timestamp(change.created_at)}
    assert published() == [("likes.like.created", data)]
    outbox = OutboxEvent.objects.get()
    assert outbox.key == "quotes/7"
    assert [(event.id, event.likes) for event in change.events] == [(outbox.event_id, 1)]


def test_many_users_like_one_quote(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    for user_id in (1, 2, HUGE):
        like(user_id)
    assert Like.objects.filter(quote_id=7).count() == 3


def test_liking_twice_is_refused_and_tells_nothing(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    like()
    with pytest.raises(AlreadyLiked):
        like()
    assert len(published()) == 1


def test_an_unlike_and_its_event_are_written_together(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    given, taken = like(), unlike()
    assert not Like.objects.exists()
    assert taken.created_at == given.created_at
    assert [name for name, _ in published()] == ["likes.like.created", "likes.like.deleted"]
    assert published()[1][1] == published()[0][1]
    with pytest.raises(NotLiked):
        unlike()
    assert len(published()) == 2


def test_each_change_tells_all_the_recent_ones_of_that_user_and_quote(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote(7)
    make_quote(8)
    like(user_id=6)
    like(quote_id=8)
    seen = []
    for change in (like, unlike, like):
        told = change().events
        seen.append(told[-1])
        assert told == seen
    assert [event.likes for event in seen] == [1, -1, 1]
    assert not WithdrawnLike.objects.exists()


def test_the_changes_told_are_bounded(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    for _ in range(MOST_KEPT):
        like()
        told = unlike().events
    assert len(told) == MOST_KEPT
    assert sum(event.likes for event in told) == 0
    assert [event.id for event in told] == list(
        OutboxEvent.objects.order_by("id").values_list("event_id", flat=True)
    )[-MOST_KEPT:]


def test_unliking_what_is_not_there_tells_which_it_is(make_quote: Callable[..., Quote]) -> None:
    make_quote()
    with pytest.raises(NotLiked):
        unlike()
    with pytest.raises(QuoteNotFound):
        unlike(quote_id=8)
    apply_quote_states([QuoteState(id=7, version=2, deleted=True)])
    with pytest.raises(QuoteNotFound):
        unlike()
    assert published() == []


def test_a_quote_that_is_not_known_yet_is_asked_of_quotes_once(quotes: FakeQuotes) -> None:
    body = quotes.example("read_quote")
    like(user_id=5, quote_id=body["id"])
    like(user_id=6, quote_id=body["id"])
    assert [path for path, _ in quotes.requests] == [f"/quotes/{body['id']}"]
    quote = Quote.objects.get()
    assert (quote.title, quote.author, quote.version) == (
        body["title"],
        body["author"],
        body["version"],
    )
    assert Like.objects.count() == 2


def test_what_was_learned_gives_way_to_newer_events_and_not_to_older(quotes: FakeQuotes) -> None:
    body = quotes.example("read_quote")
    like(quote_id=body["id"])
    learned = Quote.objects.get()
    apply_quote_states([QuoteState(id=learned.id, version=learned.version, title="older")])
    assert Quote.objects.get().title == body["title"]
    apply_quote_states([QuoteState(id=learned.id, version=learned.version + 1, title="newer")])
    assert Quote.objects.get().title == "newer"


def test_a_quote_that_quotes_does_not_have_is_not_found(quotes: FakeQuotes) -> None:
    with pytest.raises(QuoteNotFound):
        like()
    assert len(quotes.requests) == 1
    assert not Quote.objects.exists()


def test_a_deleted_quote_is_not_found_without_asking(quotes: FakeQuotes) -> None:
    apply_quote_states([QuoteState(id=7, version=2, deleted=True)])
    with pytest.raises(QuoteNotFound):
        like()
    assert quotes.requests == []


def test_a_quote_deleted_while_it_is_asked_for_is_not_liked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def deleted_meanwhile(quote_id: int) -> QuoteState:
        apply_quote_states([QuoteState(id=quote_id, version=2, deleted=True)])
        return QuoteState(id=quote_id, version=1, title="as it was")

    monkeypatch.setattr("likes_service.clients.fetch_quote", deleted_meanwhile)
    with pytest.raises(QuoteNotFound):
        like()
    assert not Like.objects.exists()


def test_a_quote_that_arrives_just_after_the_like_was_tried_is_liked_and_not_liked_already(
    make_quote: Callable[..., Quote], monkeypatch: pytest.MonkeyPatch
) -> None:
    give = domain._like

    def arrive_in_between(user_id: int, quote_id: int, key: str | None) -> domain.LikeChange | None:
        change = give(user_id, quote_id, key)
        monkeypatch.setattr(domain, "_like", give)
        make_quote()
        return change

    monkeypatch.setattr(domain, "_like", arrive_in_between)
    assert like().quote_id == 7
    assert Like.objects.count() == 1


def test_with_quotes_down_only_what_is_not_known_here_fails(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    like()
    with pytest.raises(QuotesUnavailable):
        like(quote_id=8)
    assert len(published()) == 1


@transaction.atomic
def then_fail(change: Callable[[], object]) -> None:
    change()
    raise ZeroDivisionError


def test_what_is_rolled_back_leaves_neither_like_nor_event(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote()
    like(user_id=1)
    for change in (lambda: like(user_id=2), lambda: unlike(user_id=1)):
        with pytest.raises(ZeroDivisionError):
            then_fail(change)
    assert list(Like.objects.values_list("user_id", flat=True)) == [1]
    assert len(published()) == 1


def test_an_event_that_cannot_be_written_leaves_likes_as_they_were(
    make_quote: Callable[..., Quote], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise ZeroDivisionError

    make_quote()
    like(user_id=1)
    monkeypatch.setattr("likes_service.domain.publish", fail)
    for change in (lambda: like(user_id=2), lambda: unlike(user_id=1)):
        with pytest.raises(ZeroDivisionError):
            change()
    assert list(Like.objects.values_list("user_id", flat=True)) == [1]
