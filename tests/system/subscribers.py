"""Subscribers to all quotes, which come and go by their cursor and fold what they are told."""

import asyncio
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.system.clients import number_of
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until

CHANGES = """subscription ($after: String) {
  quoteChanged(after: $after) { cursor id change quote { title likes } }
}"""
State = dict[int, tuple[str, int]]


class Subscriber:
    """One client. `state` is what it has made of all that it was told."""

    def __init__(self, url: str, seed: int) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._choose = random.Random(seed)  # noqa: S311
        self.state: State = {}
        self.deleted: set[int] = set()
        self.begun = False
        self.cursor: str | None = None
        self.faults: list[str] = []

    async def follow(self) -> None:
        """Subscribe again and again, until cancelled."""
        while True:
            try:
                # Some leave by themselves after a while, as clients do.
                async with asyncio.timeout(self._choose.uniform(2, 20)):
                    await self._listen()
            except (OSError, TimeoutError, EOFError):
                pass
            await asyncio.sleep(self._choose.uniform(0.05, 0.5))

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            body = json.dumps({"query": CHANGES, "variables": {"after": self.cursor}}).encode()
            head = (
                "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            async for line in reader:
                if line.startswith(b"data: {"):
                    self._take(json.loads(line[6:]))
                elif line.startswith(b":"):
                    self.begun = True
        finally:
            writer.close()

    def _take(self, result: dict[str, Any]) -> None:
        for error in result.get("errors", ()):
            if error["extensions"]["code"] != "RESUBSCRIBE":
                self.faults.append(str(error))
        change = (result.get("data") or {}).get("quoteChanged")
        if change is None:
            return
        self.cursor, number = change["cursor"], number_of(change["id"])
        if change["quote"] is None:
            self.state.pop(number, None)
            self.deleted.add(number)
        else:
            if number in self.deleted:
                self.faults.append(f"quote {number} came back")
            self.state[number] = (change["quote"]["title"], change["quote"]["likes"])


@contextmanager
def subscribed(stack: Stack, count: int) -> Iterator[list[Subscriber]]:
    """Have so many subscribers follow what is written meanwhile, and judge them at the end."""
    before = set(stack.quotes())
    url = stack.product.url("live", "/graphql")
    subscribers = [Subscriber(url, seed) for seed in range(count)]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    for subscriber in subscribers:
        asyncio.run_coroutine_threadsafe(subscriber.follow(), loop)
    try:
        wait_until(lambda: all(s.begun for s in subscribers), patience=PATIENCE, what="subscribed")
        yield subscribers
        stack.wait_until_agreed()
        expected = {id_: quote for id_, quote in stack.quotes().items() if id_ not in before}

        def all_agree() -> bool:
            return all(_since(before, each.state) == expected for each in subscribers)

        wait_until(all_agree, patience=PATIENCE, what="all subscribers agree with the database")
        assert [fault for each in subscribers for fault in each.faults] == []
    finally:
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _since(before: set[int], state: State) -> State:
    return {number: quote for number, quote in state.items() if number not in before}
