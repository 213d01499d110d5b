"""The replica ends the same, in whatever order and however often states come."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from likes_service import domain
from likes_service.errors import QuoteNotFound
from likes_service.handlers import HANDLERS
from likes_service.models import Like, Quote, WithdrawnLike
from likes_service.replica import ROWS_A_STATEMENT, QuoteState, apply_quote_states
from messaging.errors import InvalidEvent
from messaging.events import Event
from tests.examples import CONTRACTS, read
from tests.likes_service.conftest import NOW

pytestmark = pytest.mark.django_db


def state(version: int, quote_id: int = 7, **values: Any) -> QuoteState:
    given: dict[str, Any] = {"title": f"v{version}", "created_at": NOW, "updated_at": NOW} | values
    return QuoteState(id=quote_id, version=version, **given)


def tombstone(version: int, quote_id: int = 7) -> QuoteState:
    return QuoteState(id=quote_id, version=version, deleted=True)


def stored() -> list[tuple[int, int, bool, str]]:
    return list(Quote.objects.order_by("id").values_list("id", "version", "deleted", "title"))


def test_a_newer_state_replaces_an_older_one_wholly() -> None:
    apply_quote_states([state(1, author="A", created_by=5)])
    apply_quote_states([state(3, updated_at=NOW + timedelta(seconds=1))])
    quote = Quote.objects.get()
    assert (quote.title, quote.author, quote.created_by, quote.version) == ("v3", "", None, 3)
    assert (quote.created_at, quote.updated_at) == (NOW, NOW + timedelta(seconds=1))


def test_an_older_state_and_a_repeated_one_change_nothing() -> None:
    apply_quote_states([state(3)])
    apply_quote_states([state(2)])
    apply_quote_states([state(3, title="another")])
    assert stored() == [(7, 3, False, "v3")]


def test_of_the_states_of_a_batch_the_newest_is_kept_wherever_it_stands() -> None:
    for quote_id, versions in enumerate([(1, 2, 3), (3, 1, 2), (2, 3, 1)], 1):
        apply_quote_states([state(version, quote_id) for version in versions])
    assert {version for _, version, _, _ in stored()} == {3}


def test_a_late_update_does_not_bring_a_deleted_quote_back() -> None:
    for each in (state(1), tombstone(3), state(2), state(1)):
        apply_quote_states([each])
    assert stored() == [(7, 3, True, "")]
    with pytest.raises(QuoteNotFound):
        domain.like_quote(user_id=5, quote_id=7)
    assert not Like.objects.exists()


def test_a_deletion_is_final_even_against_a_newer_version() -> None:
    apply_quote_states([tombstone(3)])
    apply_quote_states([state(9)])
    assert stored() == [(7, 3, True, "")]


def test_a_deletion_removes_the_likes_of_that_quote_alone(
    make_quote: Callable[..., Quote],
) -> None:
    for quote_id in (7, 8):
        make_quote(quote_id)
        for user_id in (1, 2):
            domain.like_quote(user_id=user_id, quote_id=quote_id)
        domain.unlike_quote(user_id=2, quote_id=quote_id)
    apply_quote_states([tombstone(2)])
    assert set(Like.objects.values_list("user_id", "quote_id")) == {(1, 8)}
    assert set(WithdrawnLike.objects.values_list("user_id", "quote_id")) == {(2, 8)}


def test_many_states_are_applied_in_a_few_statements(
    django_assert_num_queries: Callable[..., Any],
) -> None:
    states = [state(1, quote_id) for quote_id in range(1, 2 * ROWS_A_STATEMENT + 1)]
    with django_assert_num_queries(4):  # two of them open and close a savepoint
        apply_quote_states(states)
    assert Quote.objects.count() == len(states)


def histories() -> st.SearchStrategy[list[QuoteState]]:
    """All that three quotes went through, shuffled, some of it missing, some repeated."""

    def lives(quote_id: int) -> st.SearchStrategy[list[QuoteState]]:
        return st.tuples(st.integers(1, 4), st.booleans()).map(
            lambda life: (
                [state(version, quote_id) for version in range(1, life[0] + 1)]
                + ([tombstone(life[0] + 1, quote_id)] if life[1] else [])
            )
        )

    def shuffled(lived: tuple[list[QuoteState], ...]) -> st.SearchStrategy[list[QuoteState]]:
        every = [each for life in lived for each in life]
        repeated = st.lists(st.sampled_from(every), max_size=8)
        return repeated.flatmap(lambda again: st.permutations(every + again))

    return st.tuples(*(lives(quote_id) for quote_id in (1, 2, 3))).flatmap(shuffled)


def as_event(each: QuoteState) -> Event:
    """The event by which Quotes tells of a state."""
    kind = "deleted" if each.deleted else "created" if each.version == 1 else "updated"
    data: dict[str, Any] = {"id": each.id, "version": each.version}
    if not each.deleted:
        data |= {"title": each.title, "author": "", "created_by": None}
        data |= {"created_at": NOW.isoformat(), "updated_at": NOW.isoformat()}
    return Event(type=f"quotes.quote.{kind}", source="/quotes", subject="quotes/1", data=data)


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=histories(), cuts=st.lists(st.integers(1, 12), max_size=4))
def test_any_order_with_repetitions_ends_in_the_last_state_of_each_quote(
    history: list[QuoteState], cuts: list[int]
) -> None:
    Quote.objects.all().delete()
    highest: dict[int, int] = {}
    events = [as_event(each) for each in history]
    while events:
        size = cuts.pop() if cuts else len(events)
        batch, events = events[:size], events[size:]
        HANDLERS["quotes.quote.created"](batch)
        for quote in Quote.objects.all():
            assert quote.version >= highest.get(quote.id, 0), "a version went down"
            highest[quote.id] = quote.version
    ends = {each.id: each for each in sorted(history, key=lambda each: each.version)}
    assert stored() == [
        (quote_id, end.version, end.deleted, end.title) for quote_id, end in sorted(ends.items())
    ]


@pytest.mark.parametrize("kind", ["created", "updated", "deleted"])
def test_the_events_of_quotes_are_applied_as_their_examples_are(kind: str) -> None:
    example = read(CONTRACTS / "events" / f"quotes.quote.{kind}.json")
    data = example["data"] | {"a_field_of_a_later_release": 1}
    HANDLERS[example["type"]](
        [Event(type=example["type"], source="/quotes", subject=example["subject"], data=data)]
    )
    quote = Quote.objects.get()
    assert (quote.id, quote.version) == (data["id"], data["version"])
    assert quote.deleted == (kind == "deleted")
    assert (quote.title, quote.author) == (data.get("title", ""), data.get("author", ""))
    assert quote.created_by == data.get("created_by")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"id": 0},
        {"id": 2**63},
        {"id": "7"},
        {"id": True},
        {"version": None},
        {"title": "a\x00b"},
        {"title": "\ud83d"},
        {"title": None},
        {"author": 5},
        {"created_by": -1},
        {"updated_at": "yesterday"},
        {"created_at": "2026-11-25T04:38:40"},
        {"created_at": 5},
        {"created_at": "9999-12-31T21:59:59-03:00"},
        {"created_at": "0001-01-01T00:00:00+14:00"},
        {"updated_at": "2026-06-30T23:59:60Z"},
    ],
    ids=json.dumps,
)
def test_what_is_no_quote_is_refused_and_changes_nothing(spoilt: dict[str, Any]) -> None:
    example = read(CONTRACTS / "events" / "quotes.quote.created.json")
    event = Event(
        type=example["type"], source="/quotes", subject="x", data=example["data"] | spoilt
    )
    with pytest.raises(InvalidEvent):
        HANDLERS[event.type]([event])
    assert stored() == []
