"""Publishing into the file."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from messaging.brokers.embedded import logs, queues
from messaging.brokers.embedded.file import File
from messaging.brokers.interface import Confirmation, Refusal
from messaging.events import Message


class EmbeddedPublisher:
    """See `messaging.brokers.interface.Publisher`. A batch is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file: File | None = None

    def open(self) -> None:
        """See Publisher."""
        with self._lock:
            self._opened()

    def send(self, messages: Sequence[Message]) -> "_Sent":
        """See Publisher."""
        now = time.time()
        refused: dict[int, Refusal] = {}
        with self._lock, self._opened().transaction() as cursor:
            for place, message in enumerate(messages):
                targets = queues.targets(cursor, message)
                logged = not message.exchange and logs.is_log(cursor, message.routing_key)
                if not targets and not logged:
                    problem = f"{message.routing_key} returned: 312 NO_ROUTE, no queue takes it"
                    refused[place] = Refusal(problem)
                try:
                    if logged:
                        logs.append(cursor, now, message)
                    for queue, ttl in targets:
                        queues.insert(cursor, queue, now + (ttl or 0), message)
                except (OverflowError, TypeError, ValueError) as error:
                    problem = f"{message.routing_key} can't be written: {error}"
                    refused[place] = Refusal(problem, lasting=True)
        if not refused:
            return _Sent(Confirmation(confirmed=len(messages)))
        first = min(refused)
        problem = refused[first].reason
        return _Sent(Confirmation(confirmed=first, problem=problem, refused=refused))

    def blocked(self) -> str | None:
        """See Publisher. Nothing blocks this broker."""
        return None

    def close(self) -> None:
        """See Publisher."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _opened(self) -> File:
        if self._file is None:
            self._file = File(self._path)
        return self._file


class _Sent:
    """A batch whose outcome is known."""

    def __init__(self, confirmation: Confirmation) -> None:
        self._confirmation = confirmation

    def done(self) -> bool:
        return True

    def wait(self, timeout: float) -> Confirmation:
        return self._confirmation
