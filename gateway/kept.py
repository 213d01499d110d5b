"""Values that are kept for later requests: those least lately used are forgotten in time."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """At most so many values, of so many bytes together; safe to use from all threads."""

    def __init__(self, *, most_bytes: int) -> None:
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._most_bytes = most_bytes
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def number(self) -> int:
        """How many values are kept."""
        return len(self._values)

    @property
    def bytes(self) -> int:
        """How many bytes they have together, as those who put them here have said."""
        return self._bytes

    def get(self, key: K) -> V | None:
        """Return the value of a key, which is used by that; None if it isn't kept."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: K, value: V, size: int, *, most: int) -> None:
        """Keep a value of `size` bytes, and forget others until all are but `most`."""
        with self._lock:
            _, earlier = self._values.pop(key, (None, 0))
            self._values[key] = value, size
            self._bytes += size - earlier
            while len(self._values) > most or self._bytes > self._most_bytes:
                _, (_, freed) = self._values.popitem(last=False)
                self._bytes -= freed

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._values.clear()
            self._bytes = 0
