"""The public keys of Quotes: fetched when needed, kept in memory and in a file.

They are asked for again when a token names an unknown key (a rotation) and every few minutes (so
that a key taken out of use stops working). Anyone can send tokens with made-up key ids, so that
what unknown keys cost Quotes is bounded: a few fetches at once, then one a second. A token that
comes meanwhile is not refused, since its key may be new: nobody knows until the next fetch.
"""

import contextlib
import json
import os
import threading
import time
from collections import OrderedDict
from datetime import timedelta
from pathlib import Path

import requests
import structlog

from identity.errors import KeysUnavailable
from identity.jwk import VerifyingKey, verifying_keys
from web.trust import service_session

FETCH_TIMEOUT = timedelta(seconds=2)  # Quotes answers it from memory; a caller waits meanwhile
# For a caller whose key is known. They wait meanwhile, and old keys do for a while longer.
REFRESH_TIMEOUT = timedelta(milliseconds=400)
# Quotes usually answers in some milliseconds. When it takes longer, only the thread that fetches
# waits: anyone can send made-up key ids, and would have all threads waiting.
MAX_WAIT = timedelta(milliseconds=100)
MIN_REFRESH = timedelta(seconds=10)  # between two tries to refresh keys that are known
FETCHES_AT_ONCE = 3  # for unknown keys: made-up ids shall not keep a new key out
FETCH_PAUSE = timedelta(seconds=1)  # after which there is one fetch more
ABSENT_FOR = timedelta(seconds=10)  # how long a key id that Quotes didn't have is refused
MAX_ABSENT = 1000  # such key ids remembered
MAX_AGE = timedelta(minutes=5)  # how long a withdrawn key may still be accepted

logger = structlog.get_logger(__name__)


class KeySet:
    """The keys of one JWKS address. Safe to share between threads."""

    def __init__(self, url: str, file: Path | None = None) -> None:
        self._url = url
        self._file = file
        self._fetching = threading.Lock()
        self._keys: dict[str, VerifyingKey] = {}
        self._absent: OrderedDict[str, float] = OrderedDict()  # key id to when it was looked for
        self._began_at = -float("inf")  # the fetch that is under way, or was last
        self._fetched_at = -float("inf")  # the last that succeeded
        self._has_tried = False
        self._fetches_left: float = FETCHES_AT_ONCE
        self._counted_at = time.monotonic()
        self._file_read = False

    def get(self, kid: str) -> VerifyingKey | None:
        """Return the key of that id, or `None` if Quotes has none such.

        Raises `KeysUnavailable` when nobody knows: when Quotes can't be asked, or was just now.
        """
        self._read_file_once()
        if kid in self._keys:
            self._refresh_if_old()
        elif not self._is_absent(kid) and not self._look_for(kid):
            raise KeysUnavailable("The keys that verify tokens can't be fetched at the moment.")
        return self._keys.get(kid)

    def _refresh_if_old(self) -> None:
        """Fetch the keys anew if they are old, in one thread; the others go on with the old."""
        if not self._is_old() or not self._fetching.acquire(blocking=False):
            return
        try:
            if self._is_old():
                self._fetch(REFRESH_TIMEOUT)
        finally:
            self._fetching.release()

    def _is_old(self) -> bool:
        now = time.monotonic()
        tried_lately = now - self._began_at < MIN_REFRESH.total_seconds()
        return now - self._fetched_at > MAX_AGE.total_seconds() and not tried_lately

    def _is_absent(self, kid: str) -> bool:
        looked_at = self._absent.get(kid, -float("inf"))
        return time.monotonic() - looked_at < ABSENT_FOR.total_seconds()

    def _look_for(self, kid: str) -> bool:
        """Return whether it is known, now, if there is such a key. One thread fetches at a time."""
        came_at = time.monotonic()
        if not self._fetching.acquire(timeout=self._patience()):
            return False
        try:
            if kid in self._keys:  # another thread fetched it, while this one waited
                return True
            fetched_since = self._fetched_at >= self._began_at >= came_at
            if not fetched_since and not (self._may_fetch() and self._fetch(FETCH_TIMEOUT)):
                return False
            if self._keys and kid not in self._keys:
                self._remember_absent(kid)
            return bool(self._keys)
        finally:
            self._fetching.release()

    def _remember_absent(self, kid: str) -> None:
        self._absent[kid] = self._began_at
        self._absent.move_to_end(kid)
        if len(self._absent) > MAX_ABSENT:
            self._absent.popitem(last=False)

    def _patience(self) -> float:
        """Return how many seconds to wait for another thread's fetch."""
        if not self._keys and not self._has_tried:
            return FETCH_TIMEOUT.total_seconds()  # at the start, nobody can come in without
        waited = time.monotonic() - self._began_at
        return max(0.0, MAX_WAIT.total_seconds() - waited)

    def _may_fetch(self) -> bool:
        """Take one of the fetches that there are for unknown keys, if there is one."""
        now = time.monotonic()
        more = (now - self._counted_at) / FETCH_PAUSE.total_seconds()
        self._fetches_left = min(FETCHES_AT_ONCE, self._fetches_left + more)
        self._counted_at = now
        if self._fetches_left < 1:
            return False
        self._fetches_left -= 1
        return True

    def _fetch(self, patience: timedelta) -> bool:
        """Fetch the keys, and return whether that succeeded; with the lock held."""
        self._began_at = time.monotonic()
        try:
            document = self._document(patience)
            self._keys = verifying_keys(document)
        except (requests.RequestException, ValueError) as error:
            logger.warning("jwks_fetch_failed", error=f"{type(error).__name__}: {error}")
            return False
        finally:
            self._has_tried = True
        self._fetched_at = time.monotonic()
        self._write_file(document)
        return True

    def _document(self, patience: timedelta) -> object:
        with service_session() as session:
            response = session.get(
                self._url, timeout=patience.total_seconds(), allow_redirects=False
            )
        if response.status_code != requests.codes.ok:
            raise ValueError(f"status {response.status_code}")
        return response.json()

    def _read_file_once(self) -> None:
        if self._file_read:
            return
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                self._keys = verifying_keys(json.loads(self._file.read_bytes()))
        self._file_read = True

    def _write_file(self, document: object) -> None:
        """Keep the keys for a restart; as they are public, only their integrity matters."""
        if self._file is None:
            return
        written = json.dumps(document)
        with contextlib.suppress(OSError):
            if self._file.exists() and self._file.read_text() == written:
                return
        draft = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(written)
            draft.replace(self._file)
        except OSError as error:
            logger.warning("jwks_file_not_written", path=str(self._file), error=str(error))
