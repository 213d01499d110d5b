"""Subscriptions by HTTP: one response each, which goes on until its client or we end it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

from gateway.execution.operation import failure
from gateway.live.subscriptions import NotNow, Subscriptions
from gateway.live.telling import tell
from gateway.live.views import Beginning
from gateway.web.graphql_over_http import encode
from web.bodies import JSON

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def stream(
    beginning: Beginning, receive: Receive, send: Send, subscriptions: Subscriptions
) -> None:
    """Write the head of the response, and then all that the subscriber is told."""
    format = beginning.format
    try:
        subscriber = subscriptions.open(beginning.opening)
    except NotNow as error:
        retry = {"Content-Type": JSON, "Retry-After": str(error.retry_after)}
        await send_head(error.status, {**beginning.headers, **retry}, send)
        body = encode(failure(str(error), error.code).as_body())
        await send({"type": "http.response.body", "body": body})
        return
    telling = asyncio.current_task()
    watching = asyncio.create_task(_until_gone(receive, telling))
    subscriber.cut = telling.cancel if telling else None

    async def write(body: bytes) -> None:
        await send({"type": "http.response.body", "body": body, "more_body": True})

    try:
        await send_head(200, beginning.headers, send)
        del beginning  # it would be held for as long as the stream
        await write(format.opening)
        await tell(subscriber, format, write)
        await send({"type": "http.response.body", "body": b""})
    except asyncio.CancelledError:
        pass  # the reader is gone or stuck
    finally:
        watching.cancel()
        subscriptions.close(subscriber)


async def send_head(status: int, headers: Mapping[str, str], send: Send) -> None:
    """Write the head of a response."""
    encoded = [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})


async def _until_gone(receive: Receive, telling: "asyncio.Task[Any] | None") -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    if telling is not None:
        telling.cancel()
