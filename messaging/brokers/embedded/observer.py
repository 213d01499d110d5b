"""Looking at queues."""

from pathlib import Path

from messaging.brokers.embedded.file import File
from messaging.brokers.interface import QueueState
from messaging.errors import BrokerUnavailable


class EmbeddedObserver:
    """See `messaging.brokers.interface.Observer`. Nobody counts the consumers of a queue."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: File | None = None

    def queue_state(self, queue: str) -> QueueState:
        """See Observer."""
        self._file = self._file or File(self._path)
        with self._file.reading() as cursor:
            if not cursor.execute("SELECT 1 FROM queue WHERE name = ?", [queue]).fetchone():
                raise BrokerUnavailable(f"there is no queue {queue}")
            ready, unacked = cursor.execute(
                "SELECT count(*) FILTER (WHERE NOT held), count(*) FILTER (WHERE held)"
                " FROM message WHERE queue = ?",
                [queue],
            ).fetchone()
        return QueueState(ready=ready, unacked=unacked, consumers=None)

    def close(self) -> None:
        """See Observer."""
        if self._file is not None:
            self._file.close()
            self._file = None
