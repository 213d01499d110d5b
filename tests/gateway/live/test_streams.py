"""What a subscriber is told: the snapshot, and then every change."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from gateway.execution.operation import Outcome
from gateway.execution.subscriptions import execute_event
from gateway.live import groups
from tests.gateway.fake_service import Answer
from tests.gateway.fake_world import FakeWorld
from tests.gateway.live.process import brief, declare, first_head, follows, publish, running


def test_first_comes_how_the_quotes_are_and_then_what_becomes_of_them(quotes: FakeWorld) -> None:
    async def test() -> None:
        async with running() as live:
            stream = live.ask(ids=["1", "3", "9"])
            assert [brief(await stream.change()) for _ in range(3)] == [
                ("SNAPSHOT", "1"), ("SNAPSHOT", "3"), ("DELETED", "9"),
            ]  # fmt: skip
            quotes.rows[3]["likes"] = 7
            publish(("counted", 2), ("counted", 3))
            change = await stream.change()
            assert (brief(change), change["quote"]["likes"]) == (("LIKES", "3"), 7)
            quotes.rows[1]["title"] = "Other"
            publish(("updated", 1))
            change = await stream.change()
            assert (brief(change), change["quote"]["title"]) == (("UPDATED", "1"), "Other")
            del quotes.rows[1]
            publish(("deleted", 1))
            change = await stream.change()
            assert (brief(change), change["quote"]) == (("DELETED", "1"), None)
            assert stream.headers["content-type"].startswith("text/event-stream")

    asyncio.run(test())


def test_who_asks_for_all_hears_of_new_quotes_and_of_no_snapshot(quotes: FakeWorld) -> None:
    async def test() -> None:
        publish(("created", 1))
        async with running() as live:
            stream = live.ask()
            quotes.add_quotes(1)
            await first_head(stream)
            publish(("created", 4))
            assert brief(await stream.change()) == ("CREATED", "4")

    asyncio.run(test())


def test_nobody_hears_of_all_quotes_before_it_is_known_where_the_log_ends(
    quotes: FakeWorld, settings: Settings, tmp_path: Path
) -> None:
    settings.BROKER_URL = f"sqlite:///{tmp_path / 'without a log.sqlite3'}"

    async def test() -> None:
        async with running(following=False) as live:
            of_one, too_early = live.ask(ids=["1"]), live.ask()
            [error] = (await too_early.whole())["errors"]
            assert error["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"
            assert (too_early.status, too_early.headers["retry-after"]) == (503, "1")
            declare()
            publish(("updated", 1))
            assert brief(await of_one.change()) == ("SNAPSHOT", "1")
            await follows()
            stream = live.ask()
            await first_head(stream)
            publish(("updated", 2))
            assert stream.status == 200
            assert brief(await stream.change()) == ("UPDATED", "2")

    asyncio.run(test())


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """All executions of an event."""
    found: list[object] = []

    def execute(*given: Any) -> Outcome:
        found.append(given)
        return execute_event(*given)

    monkeypatch.setattr(groups, "execute_event", execute)
    return found


def test_all_who_ask_the_same_share_one_read_and_one_execution(
    quotes: FakeWorld, executed: list[object]
) -> None:
    async def test() -> None:
        async with running() as live:
            tokens = [None, *(quotes.key.sign(sub=str(user)) for user in range(1, 10))]
            streams = [live.ask(ids=["1"], token=token) for token in tokens]
            cursors = [(await stream.change())["cursor"] for stream in streams]
            streams += [live.ask(ids=["1", "2"]), live.ask(ids=["1"], after=cursors[0])]
            assert {(await streams[-2].change())["id"] for _ in range(2)} == {"1", "2"}
            await first_head(streams[-1])
            quotes.quotes.calls.clear()
            executed.clear()
            publish(("counted", 1))
            for stream in streams:
                assert brief(await stream.change()) == ("LIKES", "1")
            assert quotes.quotes.paths() == ["GET /quotes"]
            assert len(executed) == 1

    asyncio.run(test())


def test_what_depends_on_variables_is_shared_by_those_who_gave_the_same(
    quotes: FakeWorld, executed: list[object]
) -> None:
    query = """subscription ($ids: [ID!], $wanted: Boolean!) {
      quoteChanged(ids: $ids) { id quote { id title @include(if: $wanted) } }
    }"""

    async def test() -> None:
        async with running() as live:
            streams = [live.ask(query, ids=["1"], wanted=wanted) for wanted in (True, False, True)]
            for stream in streams:
                await stream.change()
            executed.clear()
            publish(("counted", 1))
            found = [(await stream.change())["quote"] for stream in streams]
            assert ["title" in each for each in found] == [True, False, True]
            assert len(executed) == 2

    asyncio.run(test())


def test_what_depends_on_the_caller_is_asked_for_each(quotes: FakeWorld) -> None:
    query = "subscription { quoteChanged(ids: [1]) { cursor quote { likedByMe } } }"
    quotes.liked.append((1, 7))

    async def test() -> None:
        async with running() as live:
            callers = [quotes.key.sign(sub="7"), quotes.key.sign(sub="8"), None]
            streams = [live.ask(query, token=token) for token in callers]
            found = [(await stream.change())["quote"]["likedByMe"] for stream in streams]
            assert found == [True, False, None]

    asyncio.run(test())


def test_a_slow_reader_is_told_the_latest_alone(quotes: FakeWorld) -> None:
    async def test() -> None:
        async with running() as live:
            slow, other = live.ask(ids=["1", "2"]), live.ask(ids=["1", "2"])
            for stream in (slow, other):
                await stream.change()
                await stream.change()
            slow.reading.clear()
            for likes in range(1, 6):
                quotes.rows[1]["likes"] = likes
                publish(("counted", 1))
                assert (await other.change())["quote"]["likes"] == likes
            publish(("counted", 2))
            await other.change()
            slow.reading.set()
            told = [await slow.change()]
            while told[-1]["id"] != "2":
                told.append(await slow.change())
            assert [each["quote"]["likes"] for each in told[:-1]] == [1, 5]

    asyncio.run(test())


def test_while_quotes_is_down_nothing_is_lost_and_who_asks_is_told(quotes: FakeWorld) -> None:
    async def test() -> None:
        async with running() as live:
            stream = live.ask(ids=["1"], extensions={"liveStatus": True})
            await stream.change()
            usual = quotes.quotes.answer
            quotes.quotes.misbehave(Answer(503, {}))
            publish(("counted", 1))
            assert (await stream.next())["extensions"] == {"live": {"status": "INTERRUPTED"}}
            quotes.quotes.answer = usual
            assert (await stream.next())["extensions"] == {"live": {"status": "CURRENT"}}
            assert brief(await stream.change()) == ("LIKES", "1")

    asyncio.run(test())


def test_multipart_is_as_apollo_client_reads_it(quotes: FakeWorld) -> None:
    async def test() -> None:
        async with running() as live:
            stream = live.ask(ids=["1"], accept="multipart/mixed;subscriptionSpec=1.0")
            while stream.body.count(b"--graphql") < 2:
                await asyncio.sleep(0.01)
            part = stream.body.split(b"\r\n--graphql")[1]
            assert json.loads(part.partition(b"\r\n\r\n")[2])["payload"]["data"]["quoteChanged"]
            assert 'boundary="graphql"' in stream.headers["content-type"]

    asyncio.run(test())
