"""Whether this database is in the past of what others know: restored, or failed over with losses.

It would give ids, versions and sequences a second time, and others would take the new for the old.
So whoever restores one runs `finish_restore`, which leaps beyond all that was given before. Until
then readiness and `messages status` say so, and the web side takes no writes.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import Error, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from database.sequences import last_given, leap
from messaging.conf import messaging_settings
from messaging.models import OutboxEvent, UnfinishedRestore

log = structlog.get_logger(__name__)

# Far more than can be on its way and was not heard yet; the numbers last for billions of leaps.
LEAP = 10**9
# How old a web process lets its look at the other side become.
LOOK_SECONDS = 10.0


def heard_by_others() -> int | None:
    """Ask for the greatest sequence that was heard of us: None if nobody can be asked."""
    path = messaging_settings().heard_by_others
    ask: Callable[[], int | None] = import_string(path) if path else lambda: None
    return ask()


def is_past() -> bool | None:
    """Return whether others know of newer events than this database, None if they can't be asked.

    So it is while a restore is unfinished, too.
    """
    if UnfinishedRestore.objects.exists():
        return True
    heard = heard_by_others()  # before our own: what is heard now was given before
    return None if heard is None else heard > last_given(OutboxEvent)


@contextmanager
def finishing_restore(heard: int) -> Iterator[None]:
    """Leap beyond all that was heard, and be in the past until the end: also if it ends early."""
    UnfinishedRestore.objects.get_or_create(defaults={"begun_at": timezone.now()})
    leap(OutboxEvent, max(heard, last_given(OutboxEvent)) + LEAP)
    yield
    UnfinishedRestore.objects.all().delete()


class Watch:
    """What a web process knows of it.

    The first look is waited for, later ones by nobody; while it is past, each question is a look.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_look: float | None = None
        self._past = False

    def is_past(self) -> bool:
        """Return what the last look has found; what can't be asked is taken for well."""
        if not messaging_settings().heard_by_others:
            return False
        if self._next_look is None:
            with self._lock:
                if self._next_look is None:
                    self._look()
        elif (self._past or time.monotonic() > self._next_look) and self._lock.acquire(False):
            if self._past:
                self._look_and_release()
            else:
                threading.Thread(target=self._look_beside, name="past", daemon=True).start()
        return self._past

    @property
    def found_past(self) -> bool:
        """What the last look has found, without another."""
        return self._past

    def _look_beside(self) -> None:
        try:
            self._look_and_release()
        finally:
            connection.close()

    def _look_and_release(self) -> None:
        try:
            self._look()
        finally:
            self._lock.release()

    def _look(self) -> None:
        try:
            past = is_past() or False
        except Error as error:
            log.warning("database_unavailable", error=str(error))
            past = self._past
        if past and not self._past:
            log.error("database_is_past", hint="run finish_restore")
        self._past = past
        self._next_look = time.monotonic() + LOOK_SECONDS


watch = Watch()
