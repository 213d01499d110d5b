"""What lives as long as one request: who asks, the services as they see them, and the batches."""

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any, TypeAlias, TypeVar, TypeVarTuple

import strawberry

from gateway.batches import Batch, SeenRows
from gateway.cookies import BrowserCookies
from gateway.errors import Refusal, UpstreamUnavailable, query_error
from gateway.upstream.services import QUOTES, Patience, Services
from gateway.writes import Writes
from identity.errors import KeysUnavailable
from identity.tokens import Caller, verify
from web.addresses import network_of

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")
Arguments = TypeVarTuple("Arguments")


def address_key(address: str) -> str:
    """Under which key the requests of nobody in particular are counted."""
    return f"address {network_of(address)}"


class RequestContext:
    """The context of one GraphQL request. Never shared between two."""

    def __init__(
        self,
        token: str | None = None,
        address: str = "",
        patience: Patience | None = None,
        cookies: BrowserCookies | None = None,
        writes: Writes | None = None,
    ) -> None:
        """Take the caller's token and address, and what of patience is left, by default all.

        `writes` are those that the client knows of.
        `cookies` are those of a browser that leaves its refresh token to them.

        Raise `InvalidToken` if the token doesn't hold.
        """
        self.services = Services(token, address, patience or Patience())
        self.cookies = cookies
        self.writes = writes or Writes()
        self.operation_name: str | None = None  # as the document has it, for the log
        self.operation_kind = "unknown"  # or query, mutation, subscription
        self._caller: Caller | None = None
        self._caller_unknown = False
        self._batches: dict[Hashable, Batch[Any, Any]] = {}
        self.quotes_seen, self.users_seen = SeenRows(), SeenRows()
        if token is not None:
            try:
                self._caller = verify(token)
            except KeysUnavailable:
                # Only the fields that need to know the caller fail by that; see `caller`.
                self._caller_unknown = True

    @property
    def caller(self) -> Caller | None:
        """Who asks, or `None` for nobody in particular.

        Raise `UpstreamUnavailable` when there is a token and no key to verify it with.
        """
        if self._caller_unknown:
            raise UpstreamUnavailable(QUOTES)
        return self._caller

    @property
    def known_caller(self) -> Caller | None:
        """Who asks; None for nobody in particular, and while there is no key to verify a token."""
        return self._caller

    @property
    def rate_key(self) -> str:
        """Whose requests are counted together: the user's, or those from the address."""
        caller = self._caller
        return f"user {caller.user_id}" if caller else address_key(self.services.address)

    @property
    def has_token(self) -> bool:
        """Whether the caller means to be somebody."""
        return self.services.token is not None

    def read(self, service: str, path: str, shape: type[T], params: Mapping[str, object]) -> T:
        """Read a list from a service; its refusal becomes the error that a query shows."""
        try:
            return self.services.get(service, path, shape, params)
        except Refusal as refusal:
            raise query_error(service, refusal) from refusal

    def batch(self, fetch: Callable[["RequestContext", list[K]], Mapping[K, V]]) -> Batch[K, V]:
        """Return this request's batch that is fetched so, made at its first use."""
        found = self._batches.get(fetch)
        if found is None:
            found = self._batches[fetch] = Batch(partial(fetch, self))
        return found

    def quote_batch(
        self,
        fetch: Callable[["RequestContext", list[int], *Arguments], Mapping[int, V]],
        *arguments: *Arguments,
    ) -> Batch[int, V]:
        """Return such a batch whose keys are quotes: it expects all that this request has seen.

        There is one for each set of `arguments`, which `fetch` gets after the keys.
        """
        return self.quotes_seen.batch(
            (fetch, arguments), lambda keys: fetch(self, keys, *arguments)
        )

    def user_batch(
        self,
        fetch: Callable[["RequestContext", list[int], *Arguments], Mapping[int, V]],
        *arguments: *Arguments,
    ) -> Batch[int, V]:
        """Return such a batch whose keys are users."""
        return self.users_seen.batch((fetch, arguments), lambda keys: fetch(self, keys, *arguments))

    def forget_batches(self) -> None:
        """Forget what was read: a write is about to make it old."""
        self._batches.clear()
        self.quotes_seen, self.users_seen = SeenRows(), SeenRows()


Info: TypeAlias = strawberry.Info[RequestContext, None]
