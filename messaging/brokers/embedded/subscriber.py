"""Consuming from the file.

A subscriber holds a lock on a file beside the database while it is the active one of its queue.
The system frees the lock when the process dies, however it dies. The next subscriber then takes
over the messages that the dead one held.
"""

import fcntl
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from messaging.brokers.embedded import queues
from messaging.brokers.embedded.file import File
from messaging.brokers.interface import Delivery
from messaging.errors import NotOwned

# How often a waiting subscriber looks. A look is one PRAGMA, which reads a counter in memory.
POLL_SECONDS = 0.02


class EmbeddedSubscriber:
    """See `messaging.brokers.interface.Subscriber`."""

    def __init__(self, path: Path, queue: str, prefetch: int) -> None:
        self._path = path
        self._queue = queue
        self._prefetch = prefetch
        self._file: File | None = None
        self._active: IO[bytes] | None = None
        self._held: set[int] = set()
        self._seen: int | None = None
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def receive(self, most: int, timeout: float) -> list[Delivery]:
        """See Subscriber."""
        deadline = time.monotonic() + timeout
        self._seen = None
        while not self._closed.is_set():
            with self._lock:
                if taken := self._look(min(most, self._prefetch - len(self._held))):
                    return taken
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._closed.wait(min(POLL_SECONDS, left))
        return []

    def held(self) -> int:
        """See Subscriber."""
        return len(self._held)

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """See Subscriber."""
        if not deliveries:
            return
        tags = [delivery.tag for delivery in deliveries]
        with self._lock:
            if self._file is None or not self._held.issuperset(tags):
                raise NotOwned("these deliveries were given back")
            with self._file.transaction() as cursor:
                cursor.executemany("DELETE FROM message WHERE id = ?", [(tag,) for tag in tags])
            self._held.difference_update(tags)

    def consuming(self) -> bool:
        """See Subscriber."""
        return self._file is not None and not self._closed.is_set()

    def close(self) -> None:
        """See Subscriber. What it held is given back by the one that follows it."""
        self._closed.set()
        with self._lock:
            self._held.clear()
            if self._active is not None:
                self._active.close()
                self._active = None
            if self._file is not None:
                self._file.close()
                self._file = None

    def _look(self, most: int) -> list[Delivery]:
        """Take up to `most` messages, if the file has changed or one has waited long enough."""
        if self._closed.is_set():
            return []
        if self._file is None:
            self._file = File(self._path)
        changed, due = self._file.data_version(), self._file.next_due(self._queue)
        news = changed != self._seen or (due is not None and due <= time.time())
        if not news or most <= 0 or not (self._active or self._become_active()):
            return []
        self._seen = changed
        with self._file.transaction() as cursor:
            queues.move_due(cursor, self._queue)
            taken = queues.take(cursor, self._queue, most)
        self._held.update(delivery.tag for delivery in taken)
        return taken

    def _become_active(self) -> bool:
        lock = open(f"{self._path}.{self._queue}.lock", "wb")  # noqa: SIM115 - held while active
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._active = lock
        assert self._file is not None  # noqa: S101 - receive() has opened it
        with self._file.transaction() as cursor:
            queues.give_back_held(cursor, self._queue)
        return True
