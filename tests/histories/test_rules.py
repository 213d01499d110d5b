"""Each rule lets what can have been pass, and reports what can't."""

from dataclasses import replace
from typing import Any

import pytest

from tests.histories.judge import PromiseBroken, judge, violations
from tests.histories.made_up import made_up
from tests.histories.operations import (
    NEVER,
    Effect,
    Facts,
    History,
    Kind,
    Operation,
    Outcome,
    Place,
)

LIKE, UNLIKE, READ = Kind.LIKE, Kind.UNLIKE, Kind.READ
CREATE, UPDATE, DELETE = Kind.CREATE, Kind.UPDATE, Kind.DELETE
ALREADY, NOT_LIKED = Outcome.ALREADY_LIKED, Outcome.NOT_LIKED
MAYBE, NOT_FOUND = Outcome.MAYBE, Outcome.NOT_FOUND


def did(called: int, returned: int, kind: Kind, **what: Any) -> Operation:
    """Return an operation of user 1 on quote 1, unless it says otherwise."""
    given = {"client": "a", "user": 1, "quote": 1, **what}
    return Operation(kind=kind, called=called, returned=returned, **given)


def maybe(called: int, kind: Kind, **what: Any) -> Operation:
    return did(called, NEVER, kind, outcome=MAYBE, **what)


CAN_HAVE_BEEN: dict[str, list[Operation]] = {
    "two at once, the later of which comes first": [
        did(1, 9, UNLIKE),
        did(2, 8, LIKE),
        did(10, 11, LIKE),
    ],
    "a like without an answer that came": [maybe(1, LIKE), did(2, 3, LIKE, outcome=ALREADY)],
    "one that never came": [maybe(1, LIKE), did(2, 3, UNLIKE, outcome=NOT_LIKED)],
    "one that came late": [
        maybe(1, LIKE),
        did(2, 3, READ, liked=False),
        did(4, 5, READ, liked=True),
    ],
    "a read amid a like": [did(1, 9, LIKE), did(2, 3, READ, liked=True)],
    "a like that ends with its quote": [
        did(1, 2, LIKE),
        did(3, 4, DELETE),
        did(5, 6, LIKE, outcome=NOT_FOUND),
        did(7, 8, READ, liked=False, place=Place.LIKES),
    ],
    "a like of a quote that is deleted meanwhile": [
        did(1, 9, DELETE),
        did(2, 3, LIKE, outcome=NOT_FOUND),
        did(4, 5, UNLIKE),
    ],
    "an unlike of a quote that Likes has not heard of": [did(1, 2, UNLIKE, outcome=NOT_FOUND)],
    "a count that holds one's own and not yet another's": [
        did(1, 2, LIKE, user=2, likes=1),
        did(3, 4, LIKE, likes=1),
    ],
    "a count that holds a like without an answer": [
        maybe(1, LIKE, user=2),
        did(3, 4, LIKE, likes=2),
    ],
    "a read that has not heard of a like": [did(1, 2, LIKE, likes=1), did(3, 4, READ, likes=0)],
    "a read that does not hand back the token of a like": [
        did(1, 2, LIKE, likes=1, with_own=True),
        did(3, 4, READ, likes=0),
        did(5, 6, READ, likes=0, with_own=True, client="b"),
    ],
    "a read of one's own like, taken back by another client and not yet heard of": [
        did(1, 2, LIKE, likes=1, with_own=True),
        did(3, 4, UNLIKE, likes=0, client="b"),
        did(5, 6, READ, likes=1, with_own=True),
        did(7, 8, READ, likes=0, with_own=True),
    ],
    "one's own like, taken back by another client meanwhile": [
        did(1, 9, LIKE, likes=0),
        did(5, 12, UNLIKE, likes=0),
    ],
    "Likes behind Quotes": [
        did(1, 2, UPDATE, title="two", version=2),
        did(3, 4, READ, title="one", version=1, place=Place.LIKES),
    ],
    "one key from two clients": [
        did(1, 9, CREATE, key="k", title="one"),
        did(2, 8, CREATE, key="k", title="one", client="b"),
    ],
}

CAN_NOT_HAVE_BEEN: dict[str, list[Operation]] = {
    "liked twice": [did(1, 2, LIKE), did(3, 4, LIKE)],
    "liked twice at once": [did(1, 4, LIKE), did(2, 3, LIKE, client="b")],
    "refused as liked before any like": [did(1, 2, LIKE, outcome=ALREADY)],
    "a like that is not seen": [did(1, 2, LIKE), did(3, 4, READ, liked=False)],
    "an unlike that is undone": [did(1, 2, LIKE), did(3, 4, UNLIKE), did(5, 6, READ, liked=True)],
    "one without an answer that comes twice": [
        maybe(1, LIKE),
        did(2, 3, READ, liked=True),
        did(4, 5, UNLIKE),
        did(6, 7, READ, liked=True),
    ],
    "a like given to a quote that is gone": [
        did(1, 2, DELETE),
        did(3, 4, LIKE, outcome=NOT_FOUND),
        did(5, 6, LIKE, outcome=ALREADY),
        did(7, 8, UNLIKE),
        did(9, 10, UNLIKE),
    ],
    "a quote not found that nobody has deleted": [did(1, 2, LIKE, outcome=NOT_FOUND)],
    "a count without one's own": [did(1, 2, LIKE, likes=0)],
    "a read without one's own like": [
        did(1, 2, LIKE, likes=1, with_own=True),
        did(3, 4, READ, likes=0, with_own=True),
    ],
    "a read with what one has taken back": [
        did(1, 2, LIKE, likes=1, with_own=True),
        did(3, 4, UNLIKE, likes=0, with_own=True),
        did(5, 6, READ, likes=1, with_own=True),
    ],
    "a count that holds one's own twice": [did(1, 2, LIKE, likes=2)],
    "a count with what was taken back": [did(1, 2, LIKE, likes=1), did(3, 4, UNLIKE, likes=1)],
    "a read of more than asked for": [did(1, 2, LIKE, likes=1), did(3, 4, READ, likes=2)],
    "a version given twice": [
        did(1, 2, UPDATE, title="two", version=2),
        did(3, 4, UPDATE, title="three", version=2),
    ],
    "a read that goes back": [
        did(1, 2, UPDATE, title="two", version=2),
        did(3, 4, READ, title="one", version=1, place=Place.QUOTES),
    ],
    "a read through the gateway that goes back": [
        did(1, 2, CREATE, title="one", key="k"),
        did(3, 4, UPDATE, title="two", version=2),
        did(5, 6, READ, title="one"),
    ],
    "Likes going back": [
        did(1, 2, READ, title="two", version=2, place=Place.LIKES),
        did(3, 4, READ, title="one", version=1, place=Place.LIKES),
    ],
    "a quote read after its deletion": [
        did(1, 2, DELETE),
        did(3, 4, READ, title="one", place=Place.QUOTES),
    ],
    "one key that made two": [
        did(1, 9, CREATE, key="k", title="one"),
        did(2, 8, CREATE, key="k", title="one", quote=2),
    ],
}

IN_THE_END: dict[str, tuple[list[Operation], Facts, Effect]] = {
    "a like is lost": ([did(1, 2, LIKE)], Facts(), Effect.LOST),
    "an unlike is undone": (
        [did(1, 2, LIKE), did(3, 4, UNLIKE)],
        Facts(likes={(1, 1)}, quotes={1: ("one", 1, 1)}, replica={1: ("one", 1)}),
        Effect.DOUBLED,
    ),
    "a like that nobody gave": ([], Facts(likes={(1, 1)}), Effect.DOUBLED),
    "a count too few": (
        [did(1, 2, LIKE)],
        Facts(likes={(1, 1)}, quotes={1: ("one", 1, 0)}, replica={1: ("one", 1)}),
        Effect.LOST,
    ),
    "a quote is lost": ([did(1, 2, CREATE, title="one", key="k")], Facts(), Effect.LOST),
    "a quote is at one service alone": (
        [did(1, 2, CREATE, title="one", key="k")],
        Facts(quotes={1: ("one", 1, 0)}),
        Effect.LOST,
    ),
    "a quote is back": (
        [did(1, 2, CREATE, title="one", key="k"), did(3, 4, DELETE)],
        Facts(quotes={1: ("one", 1, 0)}, replica={1: ("one", 1)}),
        Effect.DOUBLED,
    ),
    "a text is lost": (
        [did(1, 2, CREATE, title="one", key="k"), did(3, 4, UPDATE, title="two")],
        Facts(quotes={1: ("one", 1, 0)}, replica={1: ("one", 1)}),
        Effect.LOST,
    ),
}


@pytest.mark.parametrize("operations", CAN_HAVE_BEEN.values(), ids=CAN_HAVE_BEEN)
def test_what_can_have_been_passes(operations: list[Operation]) -> None:
    assert violations(History(operations=operations)) == []


@pytest.mark.parametrize("operations", CAN_NOT_HAVE_BEEN.values(), ids=CAN_NOT_HAVE_BEEN)
def test_what_can_not_have_been_is_reported(operations: list[Operation]) -> None:
    with pytest.raises(PromiseBroken, match=r"(lost|doubled|untrue): "):
        judge(History(operations=operations))


@pytest.mark.parametrize(("operations", "after", "effect"), IN_THE_END.values(), ids=IN_THE_END)
def test_what_is_wrong_in_the_end_is_reported(
    operations: list[Operation], after: Facts, effect: Effect
) -> None:
    found = violations(History(operations=operations, after=after))
    assert effect in {violation.effect for violation in found}


def test_a_text_that_others_had_written_twice_before_is_no_double_and_a_third_is() -> None:
    def books(*quotes: int) -> Facts:
        rows = dict.fromkeys(quotes, ("one", 1, 0))
        return Facts(quotes=rows, replica=dict.fromkeys(quotes, ("one", 1)))

    assert violations(History(operations=[], before=books(1, 2), after=books(1, 2))) == []
    [violation] = violations(History(operations=[], before=books(1, 2), after=books(1, 2, 3)))
    assert violation.effect is Effect.DOUBLED
    created = [did(1, 2, CREATE, title="one", key="k")]
    assert violations(History(operations=created, after=books(1, 2))) != []


def test_a_like_may_be_given_twice_at_once_where_connections_broke() -> None:
    at_once = [did(1, 4, LIKE), did(2, 3, LIKE, client="b")]
    assert violations(History(operations=at_once, faulty=True)) == []
    after_it = [did(1, 2, LIKE), did(3, 4, LIKE)]
    assert violations(History(operations=after_it, faulty=True)) != []


def test_of_others_a_retry_lets_more_be_counted_and_of_oneself_nothing_else() -> None:
    others = [did(1, 2, LIKE, user=2), did(3, 4, UNLIKE, user=2), did(5, 6, LIKE, user=2)]
    shown = did(7, 8, LIKE, likes=3)
    assert violations(History(operations=[*others, shown])) != []
    assert violations(History(operations=[*others, shown], retried=True)) == []
    assert violations(History(operations=[replace(shown, likes=2)], retried=True)) != []
    own = [did(1, 2, LIKE, likes=1), did(3, 4, UNLIKE, likes=0), did(5, 6, LIKE, likes=2)]
    assert violations(History(operations=own, retried=True)) != []


@pytest.mark.parametrize("seed", range(5))
def test_a_product_that_keeps_all_promises_passes(seed: int) -> None:
    judge(made_up(seed, 2000, quotes=10 + 20 * seed))
