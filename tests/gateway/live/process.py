"""The live process inside a test: its application, driven as a server drives it."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import orjson
from django.conf import settings

from gateway.live import urls
from gateway.live.application import Application
from gateway.live.log import NAME
from gateway.schema.ids import number_of
from messaging.brokers import broker_for
from messaging.brokers.interface import Log, Topology
from messaging.events import Message

PATIENCE = 20.0  # seconds; what is awaited comes in milliseconds on an idle machine
CHANGES = """subscription Changes($ids: [ID!], $after: String) {
  quoteChanged(ids: $ids, after: $after) { cursor id change quote { title likes } }
}"""


def declare() -> None:
    """Make the log, as Quotes does."""
    log = Log(name=NAME, max_age=timedelta(days=1), max_bytes=10_000_000)
    topology = Topology(
        exchange="events", queue="test", bindings=[], retry_delays=[], delivery_limit=3, log=log
    )
    broker_for(settings.BROKER_URL, "test").declare(topology)


def publish(*events: tuple[str, int]) -> None:
    """Write events into the log: what has become of which quote."""
    _send(*(_message(f"quotes.quote.{kind}", {"id": number}) for kind, number in events))


def publish_account(number: int, **state: Any) -> None:
    """Write into the log how an account is now; without a state, that it was deleted."""
    kind = "updated" if state else "deleted"
    _send(_message(f"quotes.user.{kind}", {"id": number, "version": 1, **state}))


def _send(*messages: Message) -> None:
    publisher = broker_for(settings.BROKER_URL, "test").publisher()
    publisher.send(messages)
    publisher.close()


_published = 0


def _message(event_type: str, data: dict[str, Any]) -> Message:
    global _published
    _published += 1
    body = orjson.dumps(data)
    name = f"{_published:08}-{event_type}"
    return Message(exchange="", routing_key=NAME, body=body, message_id=name, type=event_type)


class Stream:
    """One response, read message by message. Clear `reading` to be a reader that doesn't."""

    def __init__(self, application: Application, scope: dict[str, Any], body: bytes) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.reading = asyncio.Event()
        self.reading.set()
        self._sent = [{"type": "http.request", "body": body}]
        self._arrived = asyncio.Event()
        self._gone = asyncio.Event()
        self._read = 0
        self.task = asyncio.ensure_future(application(scope, self._receive, self._send))

    async def _receive(self) -> MutableMapping[str, Any]:
        if self._sent:
            return self._sent.pop()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        await self.reading.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {n.decode(): v.decode() for n, v in message["headers"]}
        self.body += message.get("body", b"")
        self._arrived.set()

    async def next(self) -> dict[str, Any]:
        """Wait for the next result of server-sent events, past all signs of life."""
        async with asyncio.timeout(PATIENCE):
            while True:
                head, end, _ = self.body[self._read :].partition(b"\n\n")
                if end:
                    self._read += len(head) + 2
                    if head.startswith(b"event: next"):
                        found: dict[str, Any] = json.loads(head.partition(b"data: ")[2])
                        return found
                    continue
                self._arrived.clear()
                await self._arrived.wait()

    async def change(self) -> dict[str, Any]:
        """Wait for the next change."""
        result = await self.next()
        assert "errors" not in result, result
        found: dict[str, Any] = result["data"]["quoteChanged"]
        if "id" in found:
            found["id"] = str(number_of(found["id"], "Quote", argument="id"))
        return found

    async def error(self) -> dict[str, Any]:
        """Wait for the next result, which has an error, and return its extensions."""
        [error] = (await self.next())["errors"]
        found: dict[str, Any] = error["extensions"]
        return found

    async def whole(self) -> dict[str, Any]:
        """Wait for the end, and return the body, which is JSON."""
        async with asyncio.timeout(PATIENCE):
            await self.task
        found: dict[str, Any] = json.loads(self.body)
        return found

    def leave(self) -> None:
        """Close the connection."""
        self._gone.set()


def brief(change: dict[str, object]) -> tuple[object, object]:
    """Return what has become of which quote."""
    return change["change"], change["id"]


async def first_head(stream: Stream) -> None:
    """Wait until the subscription has begun."""
    while not stream.status:
        await asyncio.sleep(0.01)


class Live:
    """The process."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def ask(
        self,
        query: str = CHANGES,
        accept: str = "text/event-stream",
        token: str | None = None,
        extensions: dict[str, Any] | None = None,
        **variables: Any,
    ) -> Stream:
        """Send a request."""
        payload = {"query": query, "variables": variables, "extensions": extensions}
        body = orjson.dumps(payload)
        headers = {"host": "localhost", "content-type": "application/json", "accept": accept}
        headers["content-length"] = str(len(body))
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        return Stream(self.application, scope_of("http", headers), body)


def scope_of(kind: str, headers: dict[str, str]) -> dict[str, Any]:
    """Return what a server says of a connection."""
    return {
        "type": kind,
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(n.encode(), v.encode()) for n, v in headers.items()],
        "client": ("127.0.0.1", 1234),
        "subprotocols": ["graphql-transport-ws"],
    }


async def follows() -> None:
    """Wait until the process follows the log."""
    async with asyncio.timeout(PATIENCE):
        while not urls.following():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(*, following: bool = True) -> AsyncIterator[Live]:
    """Start the process, by default until it follows the log, and stop it at the end."""
    application = Application()
    said: asyncio.Queue[str] = asyncio.Queue()
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def send(message: MutableMapping[str, Any]) -> None:
        await said.put(message["type"])

    handler = signal.getsignal(signal.SIGTERM)
    lifespan = asyncio.ensure_future(application({"type": "lifespan"}, told.get, send))
    await told.put({"type": "lifespan.startup"})
    assert await said.get() == "lifespan.startup.complete"
    try:
        if following:
            await follows()
        yield Live(application)
    finally:
        signal.signal(signal.SIGTERM, handler)
        await told.put({"type": "lifespan.shutdown"})
        await lifespan
