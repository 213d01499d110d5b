"""Subscribers by server-sent events, as many as asked for, and when each of them heard of what."""

import asyncio
import json
import time

QUERY = "subscription { quoteChanged { cursor id change quote { id title version } } }"


class Clients:
    """`heard` has, for each client, the versions of the quote that it was told and when."""

    def __init__(self, port: int, count: int) -> None:
        self._port = port
        self._count = count
        self.heard: list[list[tuple[int, float]]] = [[] for _ in range(count)]
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = 0

    async def start(self) -> None:
        """Connect them all, and wait until each has begun."""
        for start in range(0, self._count, 50):
            numbers = range(start, min(start + 50, self._count))
            self._tasks += [asyncio.create_task(self._listen(number)) for number in numbers]
            while self._begun < start + len(numbers):
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Leave."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        body = json.dumps({"query": QUERY})
        writer.write(
            f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        begun = False
        try:
            async for line in reader:
                if line.startswith(b":") and not begun:
                    begun = True
                    self._begun += 1
                elif line.startswith(b"data: {"):
                    version = json.loads(line[6:])["data"]["quoteChanged"]["quote"]["version"]
                    self.heard[number].append((version, time.time()))
        finally:
            writer.close()
