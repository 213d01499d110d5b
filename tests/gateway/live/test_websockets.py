"""Subscriptions by WebSocket, as the protocol graphql-transport-ws has them."""

import asyncio
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.gateway.fake_world import FakeWorld
from tests.gateway.live.process import CHANGES, PATIENCE, Live, publish, running, scope_of


class Socket:
    """A connection as the client has it."""

    def __init__(self, live: Live, **headers: str) -> None:
        self._sent: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self._got: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self._sent.put_nowait({"type": "websocket.connect"})
        scope = scope_of("websocket", {"host": "localhost", **headers})
        self.task = asyncio.ensure_future(live.application(scope, self._sent.get, self._got.put))

    def say(self, **message: Any) -> None:
        """Send a message."""
        self._sent.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    async def hear(self) -> Any:
        """Wait for the next message, or for what the server does with the connection."""
        message = await asyncio.wait_for(self._got.get(), PATIENCE)
        text = message.get("text")
        return message if text is None else json.loads(text)

    def subscribe(self, name: str, **variables: Any) -> None:
        """Begin a subscription."""
        self.say(id=name, type="subscribe", payload={"query": CHANGES, "variables": variables})

    def leave(self) -> None:
        """Close the connection."""
        self._sent.put_nowait({"type": "websocket.disconnect"})


@asynccontextmanager
async def connected(live: Live, **payload: str) -> AsyncIterator[Socket]:
    """Return a connection that has begun."""
    socket = Socket(live)
    assert (await socket.hear())["type"] == "websocket.accept"
    socket.say(type="connection_init", payload=payload)
    assert await socket.hear() == {"type": "connection_ack"}
    yield socket
    socket.leave()
    await asyncio.wait_for(socket.task, PATIENCE)


def test_several_subscriptions_share_a_connection(quotes: FakeWorld) -> None:
    async def test() -> None:
        async with running() as live, connected(live) as socket:
            for name in ("1", "2"):
                socket.subscribe(name, ids=[name])
                heard = await socket.hear()
                assert (heard["id"], heard["type"]) == (name, "next")
                assert heard["payload"]["data"]["quoteChanged"]["change"] == "SNAPSHOT"
            socket.say(id="1", type="complete")
            socket.say(type="ping")
            assert await socket.hear() == {"type": "pong"}
            publish(("counted", 1), ("counted", 2))
            assert (await socket.hear())["id"] == "2"

    asyncio.run(test())


def test_the_token_comes_with_the_first_message(quotes: FakeWorld) -> None:
    query = "subscription { quoteChanged(ids: [1]) { quote { likedByMe } } }"
    quotes.liked.append((1, 7))

    async def test() -> None:
        token = quotes.key.sign(sub="7")
        async with running() as live, connected(live, Authorization=f"Bearer {token}") as socket:
            socket.say(id="1", type="subscribe", payload={"query": query})
            found = (await socket.hear())["payload"]["data"]["quoteChanged"]
            assert found["quote"]["likedByMe"] is True

    asyncio.run(test())


def test_what_can_not_be_executed_is_an_error_of_its_subscription_alone(quotes: FakeWorld) -> None:
    async def test() -> None:
        async with running() as live, connected(live) as socket:
            socket.say(id="a", type="subscribe", payload={"query": "{ me { id } }"})
            heard = await socket.hear()
            assert (heard["id"], heard["type"]) == ("a", "error")
            socket.subscribe("a", ids=["1"])
            assert (await socket.hear())["type"] == "next"

    asyncio.run(test())


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"type": "subscribe", "id": "1", "payload": {"query": CHANGES}}], 4401),
        ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
        ([{"type": "connection_init", "payload": {"Authorization": "Bearer x"}}], 4403),
        ([{"type": "other"}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "id": 1, "payload": {}}], 4400),
        ([{"type": "connection_init"}, *[
            {"type": "subscribe", "id": "1", "payload": {"query": CHANGES}}] * 2], 4409),
    ],
)  # fmt: skip
def test_who_does_not_keep_to_the_protocol_is_closed(
    messages: list[dict[str, Any]], code: int
) -> None:
    async def test() -> None:
        async with running() as live:
            socket = Socket(live)
            for message in messages:
                socket.say(**message)
            heard = await socket.hear()
            while heard["type"] != "websocket.close":
                heard = await socket.hear()
            assert heard["code"] == code

    asyncio.run(test())


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"host": "evil.example"}])
def test_a_page_of_another_site_is_not_let_in(headers: dict[str, str]) -> None:
    async def test() -> None:
        async with running() as live:
            assert (await Socket(live, **headers).hear())["type"] == "websocket.close"

    asyncio.run(test())
