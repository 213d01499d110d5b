"""SQLite whose transactions take turns in the order they asked, whatever process they are of.

By itself SQLite lets a writer that finds another at work sleep and try again, longer each time:
whoever comes later tries more often and gets in first. With fifty writers at once, one in a
thousand then waits for seconds. Here a writer first waits for a lock on a file, in a queue of
the system's, and is woken when its turn comes. The lock ends with its process, however that ends.
"""

import fcntl
import os
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base
from django.utils.functional import cached_property

from database.faults import DecidedErrors
from database.files import keep_private
from database.traced import trace_statements


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, and a transaction holds the file lock from its start to its end.

    (The four methods that it extends are missing in the types of django-stubs.)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn: int | None = None
        trace_statements(self)

    @cached_property
    def wrap_database_errors(self) -> DecidedErrors:
        """What raises SQLite's errors as Django's, as `database.faults` decides."""
        return DecidedErrors(self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open the database, which is no file that others may read."""
        name = str(conn_params["database"])
        if not self.is_in_memory_db() and not name.startswith("file:"):
            try:
                keep_private(Path(name))
            except OSError as error:
                raise self.Database.OperationalError(f"{name}: {error.strerror}") from error
        return super().get_new_connection(conn_params)

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        # One that fails is rolled back, which ends the turn.
        super()._commit()  # type: ignore[misc]
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _take_turn(self) -> None:
        if self.is_in_memory_db():  # of one process, which shares it between its threads itself
            return
        path = f"{self.settings_dict['NAME']}.turn"
        turn = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
        except BaseException:
            os.close(turn)
            raise
        self._turn = turn

    def _end_turn(self) -> None:
        if self._turn is not None:
            turn, self._turn = self._turn, None
            os.close(turn)
