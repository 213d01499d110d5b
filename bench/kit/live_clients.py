"""Subscribers by server-sent events, as many as asked for, and when each of them heard of what."""

import asyncio
import json
import re
import time
from typing import cast

QUERY = "subscription { quoteChanged { cursor id change quote { id title version } } }"
# Found rather than decoded: clients must not take the machine from the servers.
_VERSION = re.compile(rb'"version":(\d+)')


class Clients:
    """`heard` has, for each client, the versions of the quote that it was told and when."""

    def __init__(self, port: int, count: int) -> None:
        self._port = port
        self._count = count
        self._clients: list[_Client] = []
        self.heard: list[list[tuple[int, float]]] = []

    async def start(self) -> None:
        """Connect them all, and wait until each has begun."""
        loop = asyncio.get_running_loop()
        for start in range(0, self._count, 50):
            for _ in range(start, min(start + 50, self._count)):
                _, client = await loop.create_connection(_Client, "127.0.0.1", self._port)
                self._clients.append(client)
                self.heard.append(client.heard)
            await asyncio.gather(*(client.begun.wait() for client in self._clients[start:]))

    def forget(self) -> None:
        """Forget what they have heard until now."""
        for heard in self.heard:
            heard.clear()

    def stop(self) -> None:
        """Leave."""
        for client in self._clients:
            client.leave()


class _Client(asyncio.Protocol):
    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.heard: list[tuple[int, float]] = []
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Subscribe."""
        self._transport = cast(asyncio.Transport, transport)
        body = json.dumps({"query": QUERY})
        self._transport.write(
            f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Note what has come, by whole messages."""
        now = time.time()
        whole, end, self._rest = (self._rest + data).rpartition(b"\n\n")
        if end and b"\n:" in whole:
            self.begun.set()
        self.heard += [(int(found[1]), now) for found in _VERSION.finditer(whole)]

    def leave(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()
