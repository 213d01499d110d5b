"""One call for many: what a page needs of another service is fetched for all its rows at once.

The page says which keys will be wanted; the first resolver that asks for one fetches all of them.
A batch lives as long as one request, so nobody sees what another has read, nor what is old.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

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


class SeenRows:
    """The rows of one kind that are in the data, and the batches whose keys they are: what one of
    them needs, all may need.
    """

    def __init__(self) -> None:
        self._batches: dict[Hashable, Batch[int, Any]] = {}
        self._seen: dict[int, None] = {}  # a set that keeps its order

    def batch(self, name: Hashable, fetch: Callable[[list[int]], Mapping[int, V]]) -> Batch[int, V]:
        """Return the batch of that name, which expects all rows that are seen."""
        found = self._batches.get(name)
        if found is None:
            found = self._batches[name] = Batch(fetch)
            found.expect(self._seen)
        return found

    def see(self, numbers: Iterable[int]) -> None:
        """Note that these are in the data."""
        seen = dict.fromkeys(numbers)
        self._seen.update(seen)
        for batch in self._batches.values():
            batch.expect(seen)
