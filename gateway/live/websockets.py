"""Subscriptions by WebSocket, as graphql-ws speaks it: several by one connection.

The protocol is https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from io import BytesIO
from typing import Any, TypeAlias

import orjson
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest

from gateway.context import RequestContext
from gateway.error_codes import ErrorCode
from gateway.execution.operation import Outcome, failure
from gateway.live.opening import Opening, opening
from gateway.live.subscriptions import NotNow, Subscriptions
from gateway.live.telling import tell
from gateway.web.cors import is_allowed
from gateway.web.graphql_over_http import BadRequest, encode, operation_of
from gateway.web.views import take_of_rate
from identity.errors import InvalidToken
from identity.tokens import bearer_token
from web.addresses import address_of
from web.errors import TooManyRequests

PROTOCOL = "graphql-transport-ws"
# Without a message that begins the connection, and without a subscription on it
INIT_SECONDS, IDLE_SECONDS = 10.0, 60.0

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class Closed(Exception):
    """The connection is to be closed, with one of the protocol's codes and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Words:
    """The messages of one subscription."""

    def __init__(self, name: str) -> None:
        self._head = b'{"id":' + orjson.dumps(name) + b',"type":'

    def result(self, text: bytes) -> str:
        return (self._head + b'"next","payload":' + text + b"}").decode()

    def end(self, error: bytes | None) -> str:
        if error is None:
            return (self._head + b'"complete"}').decode()
        return (self._head + b'"error","payload":[' + error + b"]}").decode()

    def errors(self, outcome: Outcome) -> str:
        return (self._head + b'"error","payload":' + encode(outcome.errors) + b"}").decode()

    @property
    def heartbeat(self) -> str:
        return '{"type":"ping"}'


class _Connection:
    def __init__(
        self, request: ASGIRequest, send: Send, subscriptions: Subscriptions, pool: Executor
    ) -> None:
        # Of the request it keeps what it needs: the whole is some kB for as long as it is open.
        self._address = address_of(request)
        self._authorization = request.META.get("HTTP_AUTHORIZATION")
        self._send = send
        self._subscriptions = subscriptions
        self._pool = pool
        self._token: str | None = None
        self._begun = False
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def serve(self, receive: Receive) -> None:
        """Take messages until the client goes."""
        while True:
            message = await self._received(receive)
            if message["type"] == "websocket.disconnect":
                return
            await self._take(_decoded(message))

    async def _received(self, receive: Receive) -> Message:
        """Wait for a message. Raise Closed if none comes in time, or when the process stops."""
        receiving = asyncio.ensure_future(receive())
        stop = receiving.cancel
        self._subscriptions.when_drained.add(stop)
        try:
            while True:
                patience = IDLE_SECONDS if self._begun else INIT_SECONDS
                await asyncio.wait({receiving}, timeout=patience)
                if receiving.cancelled():
                    raise Closed(1001, "Going away")
                if receiving.done():
                    return receiving.result()
                if not self._begun:
                    raise Closed(4408, "Connection initialisation timeout")
                if not self._tasks:
                    raise Closed(4499, "Idle: nothing is subscribed to")
        finally:
            self._subscriptions.when_drained.discard(stop)
            receiving.cancel()

    def end(self) -> None:
        """End all subscriptions of the connection."""
        for task in self._tasks.values():
            task.cancel()

    async def _take(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "connection_init":
            await self._begin(message.get("payload"))
        elif kind == "ping":
            await self._write('{"type":"pong"}')
        elif kind == "pong":
            pass
        elif kind == "subscribe":
            await self._subscribe(message)
        elif kind == "complete":
            task = self._tasks.get(str(message.get("id")))
            if task is not None:
                task.cancel()
        else:
            raise Closed(4400, "Unknown message type")

    async def _begin(self, payload: object) -> None:
        if self._begun:
            raise Closed(4429, "Too many initialisation requests")
        given = payload if isinstance(payload, dict) else {}
        named = {str(name).lower(): value for name, value in given.items()}
        header = named.get("authorization") or self._authorization
        try:
            self._token = bearer_token(header if isinstance(header, str) else None)
            await self._in_thread(lambda: RequestContext(self._token))
        except InvalidToken as error:
            raise Closed(4403, str(error)) from error
        self._begun = True
        await self._write('{"type":"connection_ack"}')

    async def _subscribe(self, message: dict[str, Any]) -> None:
        name, payload = message.get("id"), message.get("payload")
        if not isinstance(name, str) or not name or not isinstance(payload, dict):
            raise Closed(4400, "A subscription needs an id and a payload")
        if not self._begun:
            raise Closed(4401, "Unauthorized")
        if name in self._tasks:
            raise Closed(4409, f"Subscriber for {name[:100]} already exists")
        if len(self._tasks) >= settings.LIVE_MAX_PER_CALLER:
            raise Closed(4400, "Too many subscriptions")
        self._tasks[name] = asyncio.create_task(self._tell(name, payload))

    async def _tell(self, name: str, payload: dict[str, Any]) -> None:
        words = _Words(name)
        try:
            found = await self._in_thread(lambda: self._opening(payload))
            if isinstance(found, Outcome):
                await self._write(words.errors(found))
                return
            subscriber = self._subscriptions.open(found)
            task = asyncio.current_task()
            subscriber.cut = task.cancel if task else None
            try:
                await tell(subscriber, words, self._write)
            finally:
                self._subscriptions.close(subscriber)
        except NotNow as error:
            await self._write(words.errors(failure(str(error), error.code)))
        except asyncio.CancelledError:
            pass  # the client has completed it, or is gone
        finally:
            self._tasks.pop(name, None)

    def _opening(self, payload: dict[str, Any]) -> Opening | Outcome:
        try:
            context = RequestContext(self._token, self._address)
            take_of_rate(context.rate_key)
            return opening(operation_of(payload), context)
        except BadRequest as error:
            return error.outcome
        except InvalidToken as error:
            return failure(str(error), ErrorCode.UNAUTHENTICATED)
        except TooManyRequests as error:
            return failure(str(error), ErrorCode.RATE_LIMITED)

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def _write(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})


def _decoded(message: Message) -> dict[str, Any]:
    text = message.get("text")
    if not isinstance(text, str) or len(text) > settings.GRAPHQL_MAX_BYTES:
        raise Closed(4400, "A message must be a text, and not too long")
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Closed(4400, "A message must be JSON") from None
    if not isinstance(found, dict):
        raise Closed(4400, "A message must be a JSON object")
    return found


async def serve_websocket(
    scope: Message, receive: Receive, send: Send, subscriptions: Subscriptions, pool: Executor
) -> None:
    """Serve a connection until either side ends it."""
    await receive()
    request = ASGIRequest({**scope, "method": "GET"}, BytesIO())
    if PROTOCOL not in scope.get("subprotocols", ()) or not _is_welcome(request):
        await send({"type": "websocket.close", "code": 4406})
        return
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
    connection = _Connection(request, send, subscriptions, pool)
    del request
    scope["headers"] = ()  # the server holds the scope
    try:
        await connection.serve(receive)
    except Closed as closed:
        await send({"type": "websocket.close", "code": closed.code, "reason": closed.reason[:100]})
    finally:
        connection.end()


def _is_welcome(request: ASGIRequest) -> bool:
    """Return whether the host is ours, and the page that connects may: browsers ask nobody else."""
    try:
        host = request.get_host()
    except DisallowedHost:
        return False
    origin = request.META.get("HTTP_ORIGIN")
    return origin is None or origin.partition("://")[2] == host or is_allowed(origin)
