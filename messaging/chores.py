"""A service's own work that no message brings about, done by its consumer between batches."""

import time
from collections.abc import Callable

import structlog
from django.utils.module_loading import import_string

from database.faults import DATABASE_FAULTS
from messaging.backoff import Backoff
from messaging.dead_letters import described

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0  # between two looks for work


class Chore:
    """Calls a function, given by its dotted path, that returns whether there is more to do.

    One that fails is tried again with backoff, and holds up no message.
    """

    def __init__(self, path: str) -> None:
        self._function: Callable[[], bool] | None = import_string(path) if path else None
        self._backoff = Backoff()
        self._next = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether there is something to do now."""
        return self._function is not None and time.monotonic() >= self._next

    def step(self) -> None:
        """Do a little, if it is time to. A fault of the database is raised."""
        if self._function is None or not self.is_due:
            return
        try:
            pause = 0.0 if self._function() else PAUSE_SECONDS
        except DATABASE_FAULTS:
            raise
        except Exception as error:
            pause = self._backoff.next_delay()
            log.exception("chore_failed", reason=described(error), retry_in=round(pause, 2))
        else:
            self._backoff.reset()
        self._next = time.monotonic() + pause
