"""Streams that can have been pass, and each fault that is planted in a copy is reported."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest

from tests.histories.judge import violations
from tests.histories.operations import Facts, History, Kind, Operation
from tests.histories.streams import Connection, Stream, Told


def did(called: int, kind: Kind, quote: int, title: str | None = None) -> Operation:
    return Operation(
        client="a", user=1, kind=kind, quote=quote, title=title, called=called, returned=called + 5
    )


def told(at: int, place: int, quote: int, kind: str, version: int = 1, likes: int = 0) -> Told:
    title = f"{quote}.{version}"
    return Told(
        at=at, place=place, quote=quote, kind=kind, title=title, version=version, likes=likes
    )


def gone(at: int, place: int, quote: int) -> Told:
    return Told(at=at, place=place, quote=quote, kind="DELETED")


def good() -> History:
    """Return what happened to three quotes, and what three subscribers were told of it."""
    operations = [
        did(10, Kind.CREATE, 1, "1.1"),
        did(20, Kind.CREATE, 2, "2.1"),
        did(30, Kind.UPDATE, 1, "1.2"),
        did(40, Kind.LIKE, 1),
        did(50, Kind.DELETE, 2),
    ]
    all_of_it = [
        Connection(told=[told(12, 0, 1, "CREATED"), told(22, 1, 2, "CREATED")]),
        Connection(after=1, told=[told(32, 2, 1, "UPDATED", 2), gone(51, 3, 2)]),
        Connection(after=3, told=[told(52, 4, 1, "LIKES", 2, 1)]),
    ]
    slow = [Connection(told=[gone(60, 3, 2), told(61, 4, 1, "CREATED", 2, 1)])]
    again = [
        Connection(told=[told(41, 0, 1, "CREATED", 2), gone(51, 3, 2)]),
        # The broker had a message twice, and whoever was late is told how it is by now.
        Connection(after=3, told=[told(52, 4, 1, "LIKES", 2, 1), told(53, 5, 1, "LIKES", 2, 1)]),
    ]
    after = Facts(quotes={1: ("1.2", 2, 1), 3: ("3", 7, 9)}, likes={(1, 1)})
    before = Facts(quotes={3: ("3", 7, 9)})
    return History(
        operations=operations,
        streams=[
            Stream(client="all", connections=all_of_it),
            Stream(client="slow", connections=slow),
            Stream(client="again", connections=again),
        ],
        before=before,
        after=after,
    )


def of_streams(history: History) -> list[str]:
    """Return what is said of subscribers."""
    names = tuple(stream.client for stream in history.streams)
    return [each.what for each in violations(history) if each.what.startswith(names)]


def test_what_subscribers_can_have_been_told_passes() -> None:
    assert of_streams(good()) == []


def _lose_the_last(stream: Stream) -> None:
    stream.connections[2].told.clear()


def _lose_a_deletion(stream: Stream) -> None:
    del stream.connections[1].told[1]


def _lose_a_quote(stream: Stream) -> None:
    for connection in stream.connections:
        connection.told[:] = [each for each in connection.told if each.quote != 1]


def _lose_a_short_life(stream: Stream) -> None:
    for connection in stream.connections:
        connection.told[:] = [each for each in connection.told if each.quote != 2]


def _repeat_what_was_before_the_cursor(stream: Stream) -> None:
    stream.connections[1].told.insert(0, stream.connections[0].told[1])


def _go_back(stream: Stream) -> None:
    stream.connections[2].told.insert(0, told(52, 4, 1, "LIKES", 1))
    stream.connections[2].told[1] = replace(stream.connections[2].told[1], place=5)


def _come_back(stream: Stream) -> None:
    stream.connections[2].told.append(told(53, 5, 2, "UPDATED"))


def _foretell(stream: Stream) -> None:
    stream.connections[1].told[0] = replace(stream.connections[1].told[0], at=29)


def _make_up(stream: Stream) -> None:
    stream.connections[0].told[0] = replace(stream.connections[0].told[0], title="1.9")


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (_lose_the_last, "all was not told that quote 1 has version 2 and 1 likes"),
        (_lose_a_deletion, "all was not told that quote 2 is gone"),
        (_lose_a_quote, "all was never told of quote 1"),
        (_lose_a_short_life, "all was not told that quote 2 is gone"),
        (_repeat_what_was_before_the_cursor, "all was told again, behind 1"),
        (_go_back, "all saw a quote go back"),
        (_come_back, "all saw a quote come back"),
        (_foretell, "all was told what nobody had written"),
        (_make_up, "all was told what nobody had written"),
    ],
)
def test_a_fault_in_a_copy_is_reported(plant: Callable[[Stream], None], said: str) -> None:
    history = deepcopy(good())
    plant(history.streams[0])
    assert any(what.startswith(said) for what in of_streams(history)), of_streams(history)
    assert all(what.startswith("all ") for what in of_streams(history))
