"""Subscribers of the same document, who are told the same: one execution and one text for all."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from concurrent.futures import Executor

from gateway.context import RequestContext
from gateway.execution.subscriptions import Subscribed, execute_event
from gateway.live.changes import Change, cursor_of
from gateway.schema.ids import global_id
from gateway.schema.quote_changes import QuoteChange
from gateway.schema.quotes import quote_of
from gateway.web.graphql_over_http import encode

# Texts that are kept for those who are a little behind.
MOST_TEXTS = 100


class Group:
    """Executes a subscription for all that would be told the same."""

    def __init__(self, subscribed: Subscribed, token: str | None, pool: Executor) -> None:
        self.subscribed = subscribed
        self.members = 0
        self._token = token
        self._pool = pool
        self._texts: OrderedDict[Hashable, tuple[Change, asyncio.Future[bytes]]] = OrderedDict()

    def begin(self, change: Change) -> asyncio.Future[bytes]:
        """Have it written what the members are told of a change, once for all."""
        key = change.place, change.number, change.kind, id(change.quote)
        kept = self._texts.get(key)
        if kept is None:
            loop = asyncio.get_running_loop()
            # With the change, so that no other quote can have the same id.
            kept = change, loop.run_in_executor(self._pool, self._executed, change)
            self._texts[key] = kept
            if len(self._texts) > MOST_TEXTS:
                self._texts.popitem(last=False)
        return kept[1]

    async def text(self, change: Change) -> bytes:
        """Return what the members are told of a change: a GraphQL response, as JSON."""
        found = self.begin(change)
        # Another member may be waiting for it when this one is gone.
        return found.result() if found.done() else await asyncio.shield(found)

    def _executed(self, change: Change) -> bytes:
        context = RequestContext(self._token)  # which finds a token that holds no more
        event = QuoteChange(
            cursor=cursor_of(change.place),
            id=global_id("Quote", change.number),
            change=change.kind,
            quote=None if change.quote is None else quote_of(context, change.quote),
        )
        return encode(execute_event(self.subscribed, context, event).as_body())
