"""The live process: its loop, its threads, and which request goes where."""

import asyncio
import os
import resource
import signal
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from types import FrameType
from typing import Any, TypeAlias

import structlog
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from gateway.live import urls
from gateway.live.hub import Hub
from gateway.live.log import Follower
from gateway.live.streams import send_head, stream
from gateway.live.subscriptions import Subscriptions
from gateway.live.views import Beginning, StreamResponse
from gateway.live.websockets import serve_websocket
from observability.metrics import SUBSCRIPTIONS, SUBSCRIPTIONS_CURRENT, Reading, read_when_asked

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
# They open subscriptions, read quotes and execute: nobody has one for long.
THREADS = 8
# Open files that the process may have: one a subscription. Most machines begin with 1,024.
FILES = 65_536

logger = structlog.get_logger(__name__)


class Application:
    """The ASGI application. It begins when the server says that the process has started."""

    def __init__(self) -> None:
        self._handler = BaseHandler()
        self._handler.load_middleware()
        self._pool = ThreadPoolExecutor(THREADS, "live")
        self._hub: Hub | None = None
        self._subscriptions: Subscriptions | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the start and the end of the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._subscriptions is None:
            raise RuntimeError("the server did not say that it has started")
        elif scope["type"] == "websocket":
            await serve_websocket(scope, receive, send, self._subscriptions, self._pool)
        else:
            await self._serve(scope, receive, send, self._subscriptions)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        _allow_files()
        loop = asyncio.get_running_loop()
        hub = self._hub = Hub(self._pool)
        subscriptions = self._subscriptions = Subscriptions(hub, self._pool)
        urls.following = lambda: hub.following

        @read_when_asked
        def read() -> Iterator[Reading]:
            yield SUBSCRIPTIONS, (), subscriptions.number
            yield SUBSCRIPTIONS_CURRENT, (), hub.status == "CURRENT"

        follower = Follower(
            lambda mentions: _call(loop, hub.mention, mentions),
            lambda endings: _call(loop, subscriptions.end_tokens, endings),
            lambda: _call(loop, hub.lose),
            lambda interrupted: _call(loop, hub.interrupt, interrupted),
        )
        follower.start()
        self._tasks = [loop.create_task(hub.run()), loop.create_task(subscriptions.watch())]
        for task in self._tasks:
            task.add_done_callback(_stop_if_failed)
        self._drain_on_signal(loop, subscriptions)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._tasks:
            task.cancel()
        await loop.run_in_executor(None, follower.stop)
        await send({"type": "lifespan.shutdown.complete"})

    def _drain_on_signal(
        self, loop: asyncio.AbstractEventLoop, subscriptions: Subscriptions
    ) -> None:
        """Have streams end when the process is to stop: the server just waits for them."""
        theirs = signal.getsignal(signal.SIGTERM)

        def stop(number: int, frame: FrameType | None) -> None:
            coroutine = subscriptions.drain()
            loop.call_soon_threadsafe(lambda: self._tasks.append(loop.create_task(coroutine)))
            if callable(theirs):
                theirs(number, frame)

        signal.signal(signal.SIGTERM, stop)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, subscriptions: Subscriptions
    ) -> None:
        response = await self._response(scope, receive)
        if isinstance(response, Beginning):
            # The server keeps the scope, and a task its variables, for as long as the stream.
            scope["headers"] = ()
            streaming = stream(response, receive, send, subscriptions)
            del response
            await streaming
        else:
            content = response.content if isinstance(response, HttpResponse) else b""
            await send_head(response.status_code, response.headers, send)
            await send({"type": "http.response.body", "body": content})

    async def _response(self, scope: Scope, receive: Receive) -> HttpResponseBase | Beginning:
        work = partial(self._respond, scope, await _body(receive))
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _respond(self, scope: Scope, body: bytes) -> HttpResponseBase | Beginning:
        request = ASGIRequest(scope, BytesIO(body))
        request.urlconf = urls.__name__
        response = self._handler.get_response(request)
        return response.beginning() if isinstance(response, StreamResponse) else response


def _allow_files() -> None:
    """Raise the bound of open files, as far as the machine allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if resource.RLIM_INFINITY != soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _stop_if_failed(task: asyncio.Task[None]) -> None:
    """Have the process end and be started anew, rather than stay and tell nothing more."""
    if not task.cancelled() and task.exception() is not None:
        os.kill(os.getpid(), signal.SIGTERM)


def _call(loop: asyncio.AbstractEventLoop, work: Callable[..., None], *given: Any) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(work, *given)


async def _body(receive: Receive) -> bytes:
    """Read the body of a request, and of one that is too large so much that it shows."""
    body = b""
    while len(body) <= settings.GRAPHQL_MAX_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body
