"""The public keys of Quotes: fetched when needed, kept in memory and in a file.

They are asked for again when a token names an unknown key (a rotation) and every few minutes (so
that a key taken out of use stops working), but never more often than `MIN_REFETCH`: anyone can
send tokens with made-up key ids.
"""

import contextlib
import json
import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import requests
import structlog

from identity.errors import KeysUnavailable
from identity.jwk import VerifyingKey, verifying_keys

FETCH_TIMEOUT = timedelta(seconds=2)  # Quotes answers it from memory; a caller waits meanwhile
# For a caller whose key is known. They wait meanwhile, and old keys do for a while longer.
REFRESH_TIMEOUT = timedelta(milliseconds=400)
# Quotes usually answers in some milliseconds. When it takes longer, only the thread that fetches
# waits: anyone can send made-up key ids, and would have all threads waiting.
MAX_WAIT = timedelta(milliseconds=100)
MIN_REFETCH = timedelta(seconds=10)  # bounds what made-up key ids cost Quotes
MIN_RETRY = timedelta(seconds=1)  # with no key at all nobody can come in, so try again sooner
MAX_AGE = timedelta(minutes=5)  # how long a withdrawn key may still be accepted

logger = structlog.get_logger(__name__)


class KeySet:
    """The keys of one JWKS address. Safe to share between threads."""

    def __init__(self, url: str, file: Path | None = None) -> None:
        self._url = url
        self._file = file
        self._fetching = threading.Lock()
        self._keys: dict[str, VerifyingKey] = {}
        self._began_at = 0.0  # the fetch that is under way
        self._tried_at: dict[timedelta, float] = {}  # last, by how long the fetch might take
        self._fetched_at: float | None = None
        self._file_read = False

    def get(self, kid: str) -> VerifyingKey | None:
        """Return the key of that id, or `None` if Quotes has none such.

        Raises `KeysUnavailable` when no keys are known and Quotes can't be asked, or while they
        are still on their way.
        """
        self._read_file_once()
        is_certain = True
        if kid not in self._keys or self._is_stale():
            is_certain = self._refetch(is_known=kid in self._keys)
        if not self._keys or (kid not in self._keys and not is_certain):
            raise KeysUnavailable("The keys that verify tokens can't be fetched at the moment.")
        return self._keys.get(kid)

    def _is_stale(self) -> bool:
        fetched_at = self._fetched_at
        return fetched_at is None or time.monotonic() - fetched_at > MAX_AGE.total_seconds()

    def _may_fetch(self, patience: timedelta) -> bool:
        pause = (MIN_REFETCH if self._keys else MIN_RETRY).total_seconds()
        # That somebody has given up sooner says nothing to who would wait longer.
        tries = [at for waited, at in list(self._tried_at.items()) if waited >= patience]
        return all(time.monotonic() - at >= pause for at in tries)

    def _refetch(self, *, is_known: bool) -> bool:
        """Fetch the keys, in one thread at a time. `is_known` says that the one asked for is there.

        Return False if another thread is still at it.
        """
        patience = REFRESH_TIMEOUT if is_known else FETCH_TIMEOUT
        if not self._may_fetch(patience):
            return True
        if not self._fetching.acquire(timeout=self._patience(is_known)):
            return False
        try:
            if not self._may_fetch(patience):  # another thread did, while this one waited
                return True
            self._began_at = time.monotonic()
            document = self._fetch(patience)
            self._keys = verifying_keys(document)
            self._fetched_at = self._tried_at[FETCH_TIMEOUT] = time.monotonic()
            self._write_file(document)
        except (requests.RequestException, ValueError) as error:
            logger.warning("jwks_fetch_failed", error=type(error).__name__)
        finally:
            self._tried_at[patience] = time.monotonic()
            self._fetching.release()
        return True

    def _patience(self, is_known: bool) -> float:
        """Return how many seconds to wait for another thread's fetch."""
        if is_known:
            return 0
        if not self._keys and not self._tried_at:  # at the start, nobody can come in without
            return FETCH_TIMEOUT.total_seconds()
        waited = time.monotonic() - self._began_at
        return max(0.0, MAX_WAIT.total_seconds() - waited)

    def _fetch(self, patience: timedelta) -> object:
        with requests.Session() as session:
            session.trust_env = False  # no proxy or .netrc of the environment decides whom we trust
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
