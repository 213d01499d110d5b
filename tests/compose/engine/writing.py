"""Users who write while parts of the deployment stop."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import requests

from tests.system.clients import Refused, User


class Writer:
    """Creates quotes and likes them, again and again, and keeps which likes were confirmed."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.tried = 0
        self.confirmed: set[str] = set()  # the ids of quotes

    def _write(self) -> None:
        while not self._end.is_set():
            self.tried += 1
            # A response that is none of ours is a fault of its own; see `User.ask`.
            with suppress(Refused, requests.ConnectionError, requests.Timeout):
                quote_id = self._user.create(f"Number {self.tried}")
                self._user.like(quote_id)
                self.confirmed.add(quote_id)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Have it write meanwhile."""
        self._thread.start()
        try:
            yield
        finally:
            self._end.set()
            self._thread.join()
