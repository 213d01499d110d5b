"""What is printed of a history is the shortest that shows the same."""

from dataclasses import replace

from tests.histories.judge import violations
from tests.histories.made_up import made_up
from tests.histories.operations import History, Kind, Operation, Outcome


def test_of_a_long_history_three_operations_are_shown() -> None:
    def at(time: int, kind: Kind, liked: bool | None = None) -> Operation:
        return Operation(
            client="a", user=1, quote=1, kind=kind, called=time, returned=time + 1, liked=liked
        )

    before = [at(time, (Kind.LIKE, Kind.UNLIKE)[time // 10 % 2]) for time in range(0, 1000, 10)]
    reads = [at(time + 2, Kind.READ, time // 10 % 2 == 0) for time in range(0, 1000, 10)]
    wrong = [at(1000, Kind.LIKE), at(1002, Kind.READ, True), at(1004, Kind.READ, False)]
    after = [at(time, Kind.UNLIKE) for time in range(1010, 1020, 10)]
    [violation] = violations(History(operations=before + reads + wrong + after))
    assert list(violation.operations) == [wrong[2]]
    assert str(violation).splitlines() == [
        "untrue: the like of user 1 on quote 1, liked at first, is no register",
        "      0.0000 → 0.0000       a, user 1: read of quote 1 at gateway → done; liked False",
    ]


def test_an_answer_turned_round_in_a_long_history_is_found_and_shown_with_few_others() -> None:
    history = made_up(7, 2000, quotes=20)
    place, like = next(
        (place, one)
        for place, one in enumerate(history.operations[1000:], 1000)
        if one.kind is Kind.LIKE and one.outcome is Outcome.DONE
    )
    history.operations[place] = replace(like, outcome=Outcome.NOT_FOUND, likes=None)
    found = violations(history)
    assert found
    assert len(found[0].operations) < 6
