"""Pruning: the inbox forgets events so old that they can't come again, the journal all but new."""

import time
from datetime import timedelta

import structlog
from django.utils import timezone

from messaging import inbox, journal

log = structlog.get_logger(__name__)

# A DELETE of this many takes some ten milliseconds, for which messages wait.
ROWS_A_STEP = 1000
PAUSE = timedelta(minutes=1)


class Pruning:
    """Forgets what is older than `retention`, in small steps between batches of messages.

    (The outbox needs none: its rows go when the broker has confirmed them.)
    """

    def __init__(self, retention: timedelta) -> None:
        self._retention = retention
        self._next = time.monotonic()

    def step(self) -> None:
        """Forget a little, if it is time to; cheap to call often."""
        if time.monotonic() < self._next:
            return
        pruned = inbox.prune(timezone.now() - self._retention, ROWS_A_STEP)
        if pruned:
            log.info("inbox_pruned", count=pruned)
        if pruned < ROWS_A_STEP:
            self._next = time.monotonic() + PAUSE.total_seconds()


class JournalPruning:
    """Forgets all but the newest entries of the journal, in the same way."""

    def __init__(self) -> None:
        self._next = time.monotonic()

    def step(self) -> None:
        """Forget a little, if it is time to."""
        if time.monotonic() >= self._next and not journal.prune(2 * ROWS_A_STEP):
            self._next = time.monotonic() + PAUSE.total_seconds()
