"""Who may subscribe, how many, for how long, and how it ends."""

import asyncio
import os
import resource
import socket
import time
from contextlib import ExitStack
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.gateway.fake_service import Answer
from tests.gateway.fake_world import FakeWorld
from tests.gateway.live.process import (
    CHANGES,
    PATIENCE,
    first_head,
    publish,
    publish_account,
    running,
)

OWN_LIKES = 'subscription { quoteChanged(ids: ["1"]) { id change quote { likedByMe } } }'


@pytest.mark.parametrize(
    ("query", "variables", "accept", "status", "code"),
    [
        ("{ me { id } }", {}, "text/event-stream", 400, "BAD_REQUEST"),
        (CHANGES, {}, "application/json", 406, "BAD_REQUEST"),
        (CHANGES, {"ids": []}, "text/event-stream", 200, "BAD_USER_INPUT"),
        (CHANGES, {"ids": ["x"]}, "text/event-stream", 200, "BAD_USER_INPUT"),
        (CHANGES, {"ids": ["9" * 25]}, "text/event-stream", 200, "BAD_USER_INPUT"),
        (CHANGES, {"ids": [str(n) for n in range(1, 102)]}, "text/event-stream", 200,
         "BAD_USER_INPUT"),
        (CHANGES, {"ids": 1.5}, "text/event-stream", 200, "BAD_USER_INPUT"),
        (CHANGES, {"after": "zz"}, "text/event-stream", 200, "INVALID_CURSOR"),
        (CHANGES, {"after": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk6"}, "text/event-stream", 200,
         "INVALID_CURSOR"),
        ("subscription { quoteChanged { no } }", {}, "text/event-stream", 200,
         "GRAPHQL_VALIDATION_FAILED"),
    ],
)  # fmt: skip
def test_what_can_not_be_subscribed_to_is_refused(
    query: str, variables: dict[str, Any], accept: str, status: int, code: str
) -> None:
    async def test() -> None:
        async with running() as live:
            stream = live.ask(query, accept, **variables)
            [error] = (await stream.whole())["errors"]
            assert (stream.status, error["extensions"]["code"]) == (status, code)

    asyncio.run(test())


def test_queries_and_subscriptions_are_told_the_right_address(
    client: Client, settings: Settings
) -> None:
    async def test() -> None:
        async with running() as live:
            [error] = (await live.ask("{ me { id } }").whole())["errors"]
            assert settings.GATEWAY_URL in error["message"]

    asyncio.run(test())
    response = client.post("/graphql", {"query": CHANGES}, content_type="application/json")
    [error] = response.json()["errors"]
    assert settings.LIVE_URL in error["message"]


def test_a_caller_has_so_many_subscriptions_and_may_end_one_for_another(
    quotes: FakeWorld, settings: Settings
) -> None:
    settings.LIVE_MAX_PER_CALLER = 2

    async def test() -> None:
        async with running() as live:
            token = quotes.key.sign(sub="7")
            streams = [live.ask(ids=["1"], token=token) for _ in range(2)]
            for stream in streams:
                await stream.change()
            refused = live.ask(ids=["1"], token=token)
            [error] = (await refused.whole())["errors"]
            assert (refused.status, error["extensions"]["code"]) == (429, "RATE_LIMITED")
            await live.ask(ids=["1"], token=quotes.key.sign(sub="8")).change()
            streams[0].leave()
            await streams[0].task
            await live.ask(ids=["1"], token=token).change()

    asyncio.run(test())


def test_a_token_that_ends_ends_the_stream_with_its_cursor(quotes: FakeWorld) -> None:
    async def test() -> None:
        async with running() as live:
            token = quotes.key.sign(exp=int(time.time()) + 2)
            stream = live.ask(ids=["1"], token=token)
            cursor = (await stream.change())["cursor"]
            found = await stream.error()
            assert found == {"code": "UNAUTHENTICATED", "reason": "token", "cursor": cursor}
            await asyncio.wait_for(stream.task, PATIENCE)
            assert stream.body.endswith(b"event: complete\ndata: \n\n")

    asyncio.run(test())


@pytest.mark.parametrize(
    "state",
    [
        {"active": True, "staff": False, "valid_from": "2100-01-01T00:00:00.000000Z"},
        {"active": False, "staff": False, "valid_from": None},
        {},
    ],
    ids=["logged out", "not active", "deleted"],
)
def test_who_is_logged_out_elsewhere_hears_no_more_whatever_they_ask_for(
    quotes: FakeWorld, state: dict[str, Any]
) -> None:
    ended = {"code": "UNAUTHENTICATED", "reason": "token"}

    async def test() -> None:
        async with running() as live:
            token, other = quotes.key.sign(sub="7"), quotes.key.sign(sub="8")
            streams = [live.ask(ids=["1"], token=token), live.ask(OWN_LIKES, token=token)]
            others = [live.ask(ids=["1"], token=other), live.ask(ids=["1"])]
            cursor = (await streams[0].change())["cursor"]
            for stream in [streams[1], *others]:
                await stream.change()
            publish_account(7, **state)
            found = [await stream.error() for stream in streams]
            assert found[0] == ended | {"cursor": cursor}
            assert found[1].items() >= ended.items()
            for stream in streams:
                await asyncio.wait_for(stream.task, PATIENCE)
            again = live.ask(ids=["1"], token=token)
            assert (await again.error()).items() >= ended.items()
            publish(("counted", 1))
            for stream in others:
                assert (await stream.change())["change"] == "LIKES"

    asyncio.run(test())


def test_a_process_that_was_restarted_knows_who_was_logged_out(quotes: FakeWorld) -> None:
    publish_account(7, active=True, staff=False, valid_from="2100-01-01T00:00:00.000000Z")
    publish(*[("counted", 1)] * 600)

    async def test() -> None:
        async with running() as live:
            stream = live.ask(ids=["1"], token=quotes.key.sign(sub="7"))
            assert (await stream.error())["code"] == "UNAUTHENTICATED"
            other = live.ask(ids=["1"], token=quotes.key.sign(sub="8"))
            assert (await other.change())["change"] == "SNAPSHOT"

    asyncio.run(test())


def test_a_token_that_is_issued_after_all_were_ended_holds(quotes: FakeWorld) -> None:
    async def test() -> None:
        async with running() as live:
            stream = live.ask(ids=["1"], token=quotes.key.sign(sub="7"))
            await stream.change()
            publish_account(7, active=True, staff=False, valid_from="2020-01-01T00:00:00.000000Z")
            publish_account(9, active="what", valid_from=7)
            publish(("counted", 1))
            assert (await stream.change())["change"] == "LIKES"

    asyncio.run(test())


def test_a_process_that_stops_tells_all_to_come_back_spread_over_time(
    quotes: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.live.subscriptions.DRAIN_SECONDS", 1)

    async def test() -> None:
        async with running() as live:
            streams = [live.ask(ids=["1"]) for _ in range(30)]
            cursors = [(await stream.change())["cursor"] for stream in streams]
            subscriptions = live.application._subscriptions
            assert subscriptions is not None
            draining = asyncio.ensure_future(subscriptions.drain())
            found = [await stream.error() for stream in streams]
            assert {each["code"] for each in found} == {"RESUBSCRIBE"}
            assert [each["cursor"] for each in found] == cursors
            assert len({each.get("retryAfter") for each in found}) > 5
            refused = live.ask(ids=["1"])
            await refused.whole()
            assert refused.status == 429
            await draining
            assert subscriptions.number == 0

    asyncio.run(test())


def test_a_process_that_can_tell_nothing_more_sends_all_elsewhere(
    quotes: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with running() as live:
            stream = live.ask(ids=["1"])
            cursor = (await stream.change())["cursor"]
            monkeypatch.setattr("gateway.live.hub.collapsed", None)  # as a bug would
            publish(("counted", 1))
            found = await stream.error()
            assert (found["code"], found["cursor"]) == ("RESUBSCRIBE", cursor)

    asyncio.run(test())


def test_a_reader_that_takes_nothing_is_cut_and_forgotten(
    quotes: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.live.subscriptions.STALL_SECONDS", 0)

    async def test() -> None:
        async with running() as live:
            stuck = live.ask(ids=["1"])
            await stuck.change()
            stuck.reading.clear()
            publish(("counted", 1))
            await asyncio.wait_for(stuck.task, PATIENCE)
            subscriptions = live.application._subscriptions
            assert subscriptions is not None
            assert subscriptions.number == 0

    asyncio.run(test())


def test_a_shell_that_allows_few_open_files_bounds_no_subscribers(quotes: FakeWorld) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = len(os.listdir("/proc/self/fd")) + 50  # whatever earlier tests have left open

    async def test() -> None:
        async with running() as live:
            with ExitStack() as connections:
                for _ in range(100):
                    connections.enter_context(socket.socket())
                await live.ask(ids=["1"]).change()

    resource.setrlimit(resource.RLIMIT_NOFILE, (few, hard))
    try:
        asyncio.run(test())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_who_leaves_before_their_quote_can_be_read_is_forgotten(quotes: FakeWorld) -> None:
    async def test() -> None:
        async with running() as live:
            usual, asked = quotes.quotes.answer, len(quotes.quotes.calls)
            quotes.quotes.misbehave(Answer(503, {}))
            leaving = live.ask(ids=["1"])
            await first_head(leaving)
            async with asyncio.timeout(PATIENCE):
                while len(quotes.quotes.calls) == asked:
                    await asyncio.sleep(0.01)
                leaving.leave()
                await leaving.task
            quotes.quotes.answer = usual
            staying = live.ask(ids=["2"])
            await staying.change()
            asked = len(quotes.quotes.calls)
            publish(("counted", 1), ("counted", 2))
            await staying.change()
            assert [call.params["id"] for call in quotes.quotes.calls[asked:]] == ["2"]

    asyncio.run(test())
