"""Subscriptions by HTTP: one response each, which goes on until its client or we end it."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from gateway.error_codes import ErrorCode
from gateway.execution.operation import failure
from gateway.live.subscriptions import Subscriptions, TooManySubscriptions
from gateway.live.telling import tell
from gateway.live.views import StreamResponse
from gateway.web.graphql_over_http import encode
from web.bodies import JSON

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def stream(
    response: StreamResponse, receive: Receive, send: Send, subscriptions: Subscriptions
) -> None:
    """Write the response, and then all that the subscriber is told."""
    try:
        subscriber = subscriptions.open(response.opening)
    except TooManySubscriptions as error:
        response["Content-Type"], response["Retry-After"] = JSON, "5"
        await _head(response, 429, send)
        body = encode(failure(str(error), ErrorCode.RATE_LIMITED).as_body())
        await send({"type": "http.response.body", "body": body})
        return
    telling = asyncio.current_task()
    watching = asyncio.create_task(_until_gone(receive, telling))
    subscriber.cut = telling.cancel if telling else None

    async def write(body: bytes) -> None:
        await send({"type": "http.response.body", "body": body, "more_body": True})

    try:
        await _head(response, 200, send)
        await write(response.format.opening)
        await tell(subscriber, response.format, write)
        await send({"type": "http.response.body", "body": b""})
    except asyncio.CancelledError:
        pass  # the reader is gone or stuck
    finally:
        watching.cancel()
        subscriptions.close(subscriber)


async def _head(response: StreamResponse, status: int, send: Send) -> None:
    headers = [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in response.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _until_gone(receive: Receive, telling: "asyncio.Task[Any] | None") -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    if telling is not None:
        telling.cancel()
