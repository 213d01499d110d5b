"""Telling one subscriber all that there is to tell, until it ends."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from gateway.error_codes import ErrorCode
from gateway.live.changes import Change
from gateway.live.subscriber import Notice, Subscriber
from gateway.web.graphql_over_http import encode
from identity.errors import InvalidToken


class Words(Protocol):
    """What a message of each kind is, for one subscriber."""

    def result(self, text: bytes) -> Any:
        """Return a GraphQL response, written as JSON."""

    def end(self, error: bytes | None) -> Any:
        """Return the last message."""

    @property
    def heartbeat(self) -> Any:
        """What says nothing."""


async def tell(
    subscriber: Subscriber, words: Words, send: Callable[[Any], Awaitable[None]]
) -> None:
    """Tell a subscriber all, each message once the one before has left, until there is an end."""
    while True:
        told = await subscriber.next()
        if isinstance(told, Change):
            try:
                text = await subscriber.group.text(told)
            except InvalidToken as error:
                subscriber.end(ErrorCode.UNAUTHENTICATED, str(error), "token")
                continue
            message = words.result(text)
        else:
            message = _message(told, words)
        subscriber.sending_since = subscriber.told_at = time.monotonic()
        await send(message)
        subscriber.sending_since = None
        if isinstance(told, Change):
            subscriber.reached = told.state.place
        elif told.ends:
            return


def _message(notice: Notice, words: Words) -> Any:
    if notice.ends:
        return words.end(None if notice.error is None else encode(notice.error))
    if notice.error is not None:
        return words.result(encode({"data": None, "errors": [notice.error]}))
    if notice.status is not None:
        extensions = {"live": {"status": notice.status}}
        return words.result(encode({"data": None, "extensions": extensions}))
    return words.heartbeat
