"""One call for many: what a page needs of another service is fetched for all its rows at once.

The page says which keys will be wanted; the first resolver that asks for one fetches all of them.
A batch lives as long as one request, so nobody sees what another has read, nor what is old.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from gateway.errors import GatewayError

MAX_KEYS = 100  # the most ids that one batch read of a service takes

K = TypeVar("K")
V = TypeVar("V")


class Batch(Generic[K, V]):
    """Values by key, fetched together and at most once. A key that a fetch leaves out is `None`."""

    def __init__(self, fetch: Callable[[list[K]], Mapping[K, V]]) -> None:
        self._fetch = fetch
        self._expected: dict[K, None] = {}  # a set that keeps its order
        self._known: dict[K, V | None] = {}
        self._failed: dict[K, GatewayError] = {}

    def expect(self, keys: Iterable[K]) -> None:
        """Note that these will be wanted, should any be."""
        self._expected.update(dict.fromkeys(keys))

    def know(self, key: K, value: V) -> None:
        """Take a value that has been learnt otherwise."""
        self._expected.pop(key, None)
        self._failed.pop(key, None)
        self._known[key] = value

    def get(self, key: K) -> V | None:
        """Return the value of a key, or raise what its fetch raised."""
        known = self._known
        if key not in known and key not in self._failed:
            self._expected[key] = None
            self._fetch_expected()
        if key in self._failed:
            raise self._failed[key]
        return known[key]

    def _fetch_expected(self) -> None:
        keys = [key for key in self._expected if key not in self._known and key not in self._failed]
        self._expected.clear()
        for start in range(0, len(keys), MAX_KEYS):
            chunk = keys[start : start + MAX_KEYS]
            try:
                values = self._fetch(chunk)
            except GatewayError as error:
                self._failed.update(dict.fromkeys(chunk, error))
            else:
                self._known.update({key: values.get(key) for key in chunk})
