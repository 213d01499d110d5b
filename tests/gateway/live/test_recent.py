"""The end of the log in memory: what it says has become of quotes since any place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.live import recent
from gateway.live.changes import START, Mention, Place, collapsed
from gateway.live.recent import Recent
from gateway.schema.quote_changes import QuoteChangeKind

KINDS = [kind for kind in QuoteChangeKind if kind is not QuoteChangeKind.SNAPSHOT]
SAID = st.lists(st.tuples(st.one_of(st.none(), st.integers(1, 5)), st.sampled_from(KINDS)))


def mentions_of(said: list[tuple[int | None, QuoteChangeKind]]) -> list[Mention]:
    """Return a log that says so."""
    return [Mention(Place(at, f"{at:x}"), *each) for at, each in enumerate(said)]


@given(SAID, st.integers(0, 40), st.one_of(st.none(), st.frozensets(st.integers(1, 6))))
def test_each_quote_comes_once_in_the_order_of_the_log_with_what_says_most(
    said: list[tuple[int | None, QuoteChangeKind]], split: int, numbers: frozenset[int] | None
) -> None:
    log = mentions_of(said)
    known = Recent()
    known.add(log[:split])
    known.add(log[split:])
    for place in [START, *(mention.place for mention in log)]:
        found = known.since(place, numbers, 100)
        behind = [each for each in log if each.place.offset > place.offset]
        assert found == [
            each for each in collapsed(behind).values() if numbers is None or each.number in numbers
        ]


def test_of_too_many_the_latest_come() -> None:
    known = Recent()
    known.add(log := mentions_of([(number, QuoteChangeKind.LIKES) for number in range(1, 10)]))
    assert known.since(START, None, 3) == log[-3:]


def test_what_is_forgotten_is_kept_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST", 3)
    known = Recent()
    log = mentions_of([(number, QuoteChangeKind.LIKES) for number in range(1, 8)])
    known.add(log)
    assert known.since(log[3].place, None, 100) is None
    assert known.older(log[3].place)
    assert known.since(log[4].place, None, 100) == log[5:]
    assert list(known._kinds) == [5, 6, 7]


def test_a_place_of_another_log_is_not_here() -> None:
    known = Recent()
    known.add(mentions_of([(1, QuoteChangeKind.LIKES)] * 3))
    assert known.since(Place(1, "another"), None, 100) is None
