"""Reading a log of the file."""

import threading
import time
from datetime import timedelta
from pathlib import Path

from messaging.brokers.embedded import logs
from messaging.brokers.embedded.file import File
from messaging.brokers.interface import Entry
from messaging.errors import BrokerUnavailable

# How often a waiting reader looks. A look is one PRAGMA, which reads a counter in memory.
POLL_SECONDS = 0.02


class EmbeddedReader:
    """See `messaging.brokers.interface.Reader`."""

    def __init__(self, path: Path, log: str, start: int | timedelta | None) -> None:
        self._path = path
        self._log = log
        self._next = start
        self._file: File | None = None
        self._seen: int | None = None
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def read(self, most: int, timeout: float) -> list[Entry]:
        """See Reader."""
        deadline = time.monotonic() + timeout
        while not self._closed.is_set():
            with self._lock:
                if found := self._look(most):
                    return found
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._closed.wait(min(POLL_SECONDS, left))
        return []

    def close(self) -> None:
        """See Reader."""
        self._closed.set()
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _look(self, most: int) -> list[Entry]:
        """Return the next entries, if the file has changed since there were none."""
        if self._closed.is_set():
            return []
        if self._file is None:
            self._file = File(self._path)
        changed = self._file.data_version()
        if changed == self._seen:
            return []
        with self._file.reading() as cursor:
            if not logs.is_log(cursor, self._log):
                raise BrokerUnavailable(f"there is no log {self._log}")
            if self._next is None:
                self._next = logs.last_place(cursor, self._log) or 0
            elif isinstance(self._next, timedelta):
                since = time.time() - self._next.total_seconds()
                self._next = logs.place_since(cursor, self._log, since)
            found = logs.read(cursor, self._log, self._next, most)
        if found:
            self._next = found[-1].offset + 1
        else:
            self._seen = changed
        return found
