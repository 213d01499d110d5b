"""Subscribers to all quotes, who come and go by their cursor and record what they are told."""

import asyncio
import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from gateway.live.changes import place_of
from tests.histories.judge import judge
from tests.histories.operations import Facts
from tests.histories.streams import Connection, Stream, Told
from tests.system.clients import number_of
from tests.system.load import Load
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until

CHANGES = """subscription ($after: String) {
  quoteChanged(after: $after) { cursor id change quote { title version likes } }
}"""
# How quotes are, by id: text, version and likes.
State = dict[int, tuple[str, int, int]]


class Subscriber:
    """One client. `state` is what it has made of all that it was told."""

    def __init__(self, url: str, seed: int) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._choose = random.Random(seed)  # noqa: S311
        self._cursor: str | None = None
        self.stream = Stream(client=f"subscriber {seed}")
        self.state: State = {}
        self.begun = False
        self.faults: list[str] = []

    async def follow(self) -> None:
        """Subscribe again and again, until cancelled."""
        while True:
            try:
                # Some leave by themselves after a while, as clients do, if they can come back.
                async with asyncio.timeout(self._choose.uniform(2, 20)) as patience:
                    await self._listen(patience)
            except (OSError, TimeoutError, EOFError):
                pass
            await asyncio.sleep(self._choose.uniform(0.05, 0.5))

    async def _listen(self, patience: asyncio.Timeout) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            body = json.dumps({"query": CHANGES, "variables": {"after": self._cursor}}).encode()
            head = (
                "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            after = None if self._cursor is None else _offset(self._cursor)
            connection = Connection(after=after)
            self.stream.connections.append(connection)
            async for line in reader:
                if line.startswith(b"data: {"):
                    self._take(json.loads(line[6:]), connection)
                elif line.startswith(b":"):
                    self.begun = True
                    if self._cursor is None:
                        patience.reschedule(None)  # until there is a cursor to come back with
        finally:
            writer.close()

    def _take(self, result: dict[str, Any], connection: Connection) -> None:
        for error in result.get("errors", ()):
            if error["extensions"]["code"] != "RESUBSCRIBE":
                self.faults.append(str(error))
        change = (result.get("data") or {}).get("quoteChanged")
        if change is None:
            return
        self._cursor, number = change["cursor"], number_of(change["id"])
        quote = change["quote"] or {}
        at, place = time.monotonic_ns(), _offset(change["cursor"])
        connection.told.append(
            Told(at=at, place=place, quote=number, kind=change["change"], **quote)
        )
        if quote:
            self.state[number] = (quote["title"], quote["version"], quote["likes"])
        else:
            self.state.pop(number, None)


class Subscribers:
    """All of them, while they are served by a loop of their own."""

    def __init__(self, each: Sequence[Subscriber], before: State) -> None:
        self._each = each
        self._before = before

    def judge(self, load: Load) -> None:
        """Wait until each has what is stored, and judge what they were told of a load.

        Raise PromiseBroken, also if that does not come.
        """
        history = load.history()
        history.streams = [subscriber.stream for subscriber in self._each]
        if history.after is not None:
            self._wait_for(history.after)
        judge(history)
        assert [fault for each in self._each for fault in each.faults] == []

    def _wait_for(self, after: Facts) -> None:
        changed = {
            number: quote
            for number, quote in after.quotes.items()
            if self._before.get(number) != quote
        }

        def all_are_told() -> bool:
            return all(
                changed.items() <= each.state.items() and each.state.keys() <= after.quotes.keys()
                for each in self._each
            )

        with suppress(TimeoutError):  # what is missing by then is for the judge to say
            wait_until(all_are_told, patience=PATIENCE, what="all subscribers are told")


@contextmanager
def subscribed(stack: Stack, count: int) -> Iterator[Subscribers]:
    """Have so many subscribers follow what is written meanwhile."""
    url = stack.product.url("live", "/graphql")
    subscribers = [Subscriber(url, seed) for seed in range(count)]
    before = stack.facts().quotes
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    # Kept, since a loop holds its tasks weakly: one that waits for a socket could be collected.
    following = [asyncio.run_coroutine_threadsafe(each.follow(), loop) for each in subscribers]
    try:
        wait_until(lambda: all(s.begun for s in subscribers), patience=PATIENCE, what="subscribed")
        yield Subscribers(subscribers, before)
    finally:
        for future in following:
            future.cancel()
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _offset(cursor: str) -> int:
    place = place_of(cursor)
    assert place is not None, "a subscription to all quotes has no snapshot"
    return place.offset
