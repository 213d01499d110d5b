"""Who was away goes on from their cursor, without a gap, or is told that they must begin anew."""

import asyncio
import sqlite3
from datetime import timedelta

import pytest
from django.conf import settings

from gateway.live import hub, log, recent, subscriber
from tests.gateway.fake_world import FakeWorld
from tests.gateway.live.process import Live, brief, first_head, publish, running


@pytest.mark.parametrize("how", ["from memory", "from the log", "by another process"])
def test_a_client_goes_on_from_any_cursor(
    quotes: FakeWorld, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "from the log":
        monkeypatch.setattr(recent, "MOST", 1)

    async def test() -> None:
        async with running() as live:
            stream = live.ask(ids=["1", "2"])
            await stream.change()
            anew = (await stream.change())["cursor"]
            publish(("counted", 1))
            cursor = (await stream.change())["cursor"]
            stream.leave()
            publish(("counted", 3), ("updated", 2), ("counted", 2), ("counted", 1))
            ahead = live.ask(ids=["1"], after=cursor)
            await ahead.change()
            if how != "by another process":
                await goes_on(live, cursor, anew)
        if how == "by another process":
            async with running() as live:
                await goes_on(live, cursor, anew)

    async def goes_on(live: Live, cursor: str, anew: str) -> None:
        again = live.ask(ids=["1", "2"], after=cursor)
        assert [brief(await again.change()) for _ in range(2)] == [("UPDATED", "2"), ("LIKES", "1")]
        earlier = live.ask(after=anew)
        kinds = {brief(await earlier.change()) for _ in range(3)}
        assert kinds == {("LIKES", "1"), ("UPDATED", "2"), ("LIKES", "3")}

    asyncio.run(test())


def test_who_left_in_mid_snapshot_gets_all_of_it_again(quotes: FakeWorld) -> None:
    async def test() -> None:
        async with running() as live:
            stream = live.ask(ids=["1", "2"])
            cursor = (await stream.change())["cursor"]
            again = live.ask(ids=["1", "2"], after=cursor)
            assert [brief(await again.change()) for _ in range(2)] == [
                ("SNAPSHOT", "1"), ("SNAPSHOT", "2"),
            ]  # fmt: skip

    asyncio.run(test())


def test_who_comes_back_is_not_told_again_what_they_have_had(quotes: FakeWorld) -> None:
    async def test() -> None:
        async with running() as live:
            await live.ask(ids=["1"]).change()  # the process has found the log
            stream = live.ask()
            await first_head(stream)
            publish(("counted", 1))
            cursor = (await stream.change())["cursor"]
            publish(("counted", 2))
            assert brief(await stream.change()) == ("LIKES", "2")
            assert brief(await live.ask(after=cursor).change()) == ("LIKES", "2")

    asyncio.run(test())


@pytest.mark.parametrize("lost", ["forgotten", "made anew", "too much"])
def test_a_cursor_that_the_log_does_not_reach_is_told_and_a_snapshot_follows(
    quotes: FakeWorld, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    async def cursor_of_first() -> str:
        async with running() as live:
            stream = live.ask(ids=["1"])
            await stream.change()
            publish(("counted", 1))
            return str((await stream.change())["cursor"])

    async def test(cursor: str) -> None:
        async with running() as live:
            stream = live.ask(ids=["1"], after=cursor)
            assert await stream.error() == {"code": "CURSOR_EXPIRED"}
            assert brief(await stream.change()) == ("SNAPSHOT", "1")
            publish(("counted", 1))
            assert brief(await stream.change()) == ("LIKES", "1")

    cursor = asyncio.run(cursor_of_first())
    publish(("counted", 1), ("counted", 2), ("counted", 3))
    if lost == "too much":
        monkeypatch.setattr(log, "MOST_MISSED", 2)
        monkeypatch.setattr(settings, "TOKEN_LIFETIME", timedelta(0))  # so that none is in memory
    else:
        with sqlite3.connect(settings.BROKER_URL.removeprefix("sqlite:///")) as file:
            file.execute("DELETE FROM entry WHERE place < ?", [2 if lost == "forgotten" else 99])
        file.close()
        if lost == "made anew":
            publish(*[("counted", 2)] * 5)
    asyncio.run(test(cursor))


def test_more_changes_in_memory_than_are_sent_are_told_of_alone(
    quotes: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_MISSED", 1)

    async def test() -> None:
        async with running() as live:
            stream = live.ask(ids=["1"])
            await stream.change()
            publish(("counted", 1), ("counted", 2), ("counted", 3))
            cursor = (await stream.change())["cursor"]
            publish(("counted", 1), ("counted", 2))
            await stream.change()
            assert await live.ask(after=cursor).error() == {"code": "CURSOR_EXPIRED"}
            assert brief(await live.ask(ids=["1"], after=cursor).change()) == ("LIKES", "1")

    asyncio.run(test())


def test_who_is_too_far_behind_is_closed_and_goes_on_without_a_gap(
    quotes: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber, "MOST_PENDING", 3)
    quotes.add_quotes(7)

    async def test() -> None:
        async with running() as live:
            slow, other = live.ask(), live.ask(ids=["10"])
            await other.change()
            publish(("counted", 1))
            await slow.change()
            slow.reading.clear()
            for number in range(1, 11):
                publish(("counted", number))
            await other.change()
            slow.reading.set()
            result = await slow.next()
            while "errors" not in result:
                result = await slow.next()
            [error] = result["errors"]
            assert error["extensions"]["code"] == "RESUBSCRIBE"
            assert error["extensions"]["reason"] == "slow"
            again = live.ask(after=error["extensions"]["cursor"])
            missed = {"1"}
            while "10" not in missed:
                missed.add((await again.change())["id"])
            assert missed == {str(number) for number in range(1, 11)}

    asyncio.run(test())
