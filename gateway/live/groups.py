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

# Texts that are kept for those who are a little behind, of all groups together.
MOST_TEXTS = 5_000


class Texts:
    """What was written lately, the oldest first."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._kept: OrderedDict[Hashable, asyncio.Future[bytes]] = OrderedDict()

    def begin(self, group: "Group", change: Change) -> asyncio.Future[bytes]:
        """Have it written what a group is told of a change, once for all its members."""
        if group.members < 2:
            return self._written(group, change)
        found = self._kept.get((group, change))
        if found is None:
            found = self._kept[group, change] = self._written(group, change)
            if len(self._kept) > MOST_TEXTS:
                self._kept.popitem(last=False)
        return found

    def _written(self, group: "Group", change: Change) -> asyncio.Future[bytes]:
        return asyncio.get_running_loop().run_in_executor(self._pool, group.write, change)


class Group:
    """Executes a subscription for all that would be told the same."""

    def __init__(self, subscribed: Subscribed, token: str | None, texts: Texts) -> None:
        self.subscribed = subscribed
        self.members = 0
        operation = subscribed.operation
        # What is the same for all members: what is asked, and if need be by whom. Which quotes, and
        # from where on, is each one's own.
        self.key: Hashable = (
            operation.query, operation.operation_name, repr(subscribed.variables), token
        )  # fmt: skip
        self._token = token
        self._texts = texts

    def begin(self, change: Change) -> asyncio.Future[bytes]:
        """Have it written what the members are told of a change."""
        return self._texts.begin(self, change)

    async def text(self, change: Change) -> bytes:
        """Return what the members are told of a change: a GraphQL response, as JSON."""
        found = self.begin(change)
        # Another member may be waiting for it when this one is gone.
        return found.result() if found.done() else await asyncio.shield(found)

    def write(self, change: Change) -> bytes:
        """Execute the subscription. Raise InvalidToken if it is of one that holds no more."""
        context = RequestContext(self._token)
        place, number, quote = change.state.place, change.state.number, change.state.quote
        event = QuoteChange(
            cursor=cursor_of(place),
            id=global_id("Quote", number),
            change=change.kind,
            quote=None if quote is None else quote_of(context, quote),
        )
        return encode(execute_event(self.subscribed, context, event).as_body())
