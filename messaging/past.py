"""Whether this database is in the past of what others know: restored, or failed over with losses.

It would give ids, versions and sequences a second time, and others would take the new for the old.
So whoever restores one runs `finish_restore`, which leaps beyond all that was given before. Until
then readiness and `messages status` say so, and the web side takes no writes.

Whoever finds it notes it for all, and it stays. The events that a consumer writes meanwhile bring
the sequence up to what was heard, and nobody could see it any more. So a consumer looks, too,
before it handles anything.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import Error, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from database.pools import connections_made
from database.sequences import last_given, leap
from messaging.conf import messaging_settings
from messaging.models import OutboxEvent, UnfinishedRestore

log = structlog.get_logger(__name__)

# Far more than can be on its way and was not heard yet; the numbers last for billions of leaps.
LEAP = 10**9
# How old a web process lets its look at the other side become.
LOOK_SECONDS = 10.0
# How soon it looks again where the other side could not be asked.
RETRY_SECONDS = 1.0
# How long a consumer waits for the other side to be asked, before it goes on without.
PATIENCE_SECONDS = 10.0
_ONLY_ROW = 1


def heard_by_others() -> int | None:
    """Ask for the greatest sequence that was heard of us: None if nobody can be asked."""
    path = messaging_settings().heard_by_others
    ask: Callable[[], int | None] = import_string(path) if path else lambda: None
    return ask()


def is_past() -> bool | None:
    """Return whether others know of newer events than this database, None if they can't be asked.

    So it is until `finish_restore` has run, too.
    """
    if UnfinishedRestore.objects.exists():
        return True
    heard = heard_by_others()  # before our own: what is heard now was given before
    return None if heard is None else heard > last_given(OutboxEvent) and _note_past(heard)


def _note_past(heard: int) -> bool:
    """Note for all that others have heard more than was given, and return whether that is still so.

    A `finish_restore` that begins now waits for this row, and one that has leapt already shows.
    """
    try:
        with transaction.atomic():
            _note_unfinished()
            if heard <= last_given(OutboxEvent):
                transaction.set_rollback(True)
                return False
    except Error as error:  # it takes no writes: nothing is given either
        log.warning("restore_not_noted", error=str(error))
    return True


def _note_unfinished() -> None:
    """Have the one row there: who writes it at the same time as another waits for them."""
    UnfinishedRestore.objects.get_or_create(id=_ONLY_ROW, defaults={"begun_at": timezone.now()})


def find_out(stop: threading.Event) -> None:
    """Look, and wait some seconds for the other side to be asked, unless stopped."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while is_past() is None and messaging_settings().heard_by_others:
        if time.monotonic() > deadline or stop.wait(RETRY_SECONDS):
            return


@contextmanager
def finishing_restore(heard: int) -> Iterator[None]:
    """Leap beyond all that was heard, and be in the past until the end: also if it ends early."""
    _note_unfinished()
    leap(OutboxEvent, max(heard, last_given(OutboxEvent)) + LEAP)
    yield
    UnfinishedRestore.objects.all().delete()


class Watch:
    """What a web process knows of it.

    The first look is waited for, and so is one after each new connection to the database: a server
    that failed over has ended all older ones. Other looks are waited for by nobody; while it is
    past, each question is a look.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made = -1  # connections to the database, at the last look
        self._next_look = 0.0
        self._past = False

    def is_past(self) -> bool:
        """Return what the last look has found; what can't be asked is taken for well.

        Raise an `Error` of Django's if there is no connection to the database.
        """
        if not messaging_settings().heard_by_others:
            return False
        made = connections_made()
        if made > self._made:
            with self._lock:
                if made > self._made:
                    self._look()
                    self._made = made
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
        found = None
        try:
            found = is_past()
            past = bool(found)
        except Error as error:
            log.warning("database_unavailable", error=str(error))
            past = self._past
        if past and not self._past:
            log.error("database_is_past", hint="run finish_restore")
        self._past = past
        pause = RETRY_SECONDS if found is None else LOOK_SECONDS
        self._next_look = time.monotonic() + pause


watch = Watch()
