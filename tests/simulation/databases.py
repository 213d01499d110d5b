"""A database in memory for each service, whose statements and commits may fail."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

SERVICES = ("quotes", "likes")
_APPS = ("messaging", "identity", "quotes_service", "likes_service")
_OUTBOX_INSERT = 'INSERT INTO "messaging_outbox"'


class Databases:
    """Both databases. `use` makes one of them the default one, to all code."""

    def __init__(self) -> None:
        self._wrappers: dict[str, Any] = {}
        self.outbox_writes = dict.fromkeys(SERVICES, 0)
        for service in SERVICES:
            wrapper: Any = connections.create_connection("default")
            self._wrappers[service] = wrapper
            self.use(service)
            call_command("migrate", verbosity=0)
            self._wrappers[service].commit_of_django = wrapper._commit
        # (The index of searches has tables of its own, and follows these.)
        self._tables = [
            model._meta.db_table
            for app in _APPS
            for model in apps.get_app_config(app).get_models(include_auto_created=True)
        ]
        self._which_have_rows = " UNION ALL ".join(
            f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})"  # noqa: S608 - our own names
            for name in self._tables
        )

    def use(self, service: str) -> None:
        """Have `connection`, and all that asks for the default database, mean this one."""
        connections["default"] = self._wrappers[service]

    def wrapper(self, service: str) -> BaseDatabaseWrapper:
        """Return the connection of a service."""
        found: BaseDatabaseWrapper = self._wrappers[service]
        return found

    def empty(self) -> None:
        """Empty all tables."""
        for service, wrapper in self._wrappers.items():
            raw = wrapper.connection
            raw.execute("PRAGMA foreign_keys = OFF")
            written = [name for (name,) in self.rows(service, self._which_have_rows)]
            for name in [*written, "sqlite_sequence"]:
                raw.execute(f"DELETE FROM {name}")  # noqa: S608 - our own names
            raw.execute("PRAGMA foreign_keys = ON")

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """Look into a database, past all faults."""
        found: list[tuple[Any, ...]] = self._wrappers[service].connection.execute(query).fetchall()
        return found

    def fail_by(self, strikes: Callable[[str], bool], step: Callable[[str], None]) -> None:
        """Have statements and commits fail as the mischief says.

        `step` raises in a process that dies there, or is dead.
        """
        for service, wrapper in self._wrappers.items():
            wrapper.execute_wrappers[:] = [self._statement(service, strikes, step)]
            wrapper._commit = self._commit(wrapper, strikes, step)

    def _statement(
        self, service: str, strikes: Callable[[str], bool], step: Callable[[str], None]
    ) -> Callable[..., Any]:
        def execute(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            step("crash_in_database")
            if strikes("database"):
                raise OperationalError("the database is away")
            if sql.startswith(_OUTBOX_INSERT):
                self.outbox_writes[service] += 1
            return execute(sql, params, many, context)

        return execute

    def _commit(
        self, wrapper: Any, strikes: Callable[[str], bool], step: Callable[[str], None]
    ) -> Callable[[], None]:
        def commit() -> None:
            step("crash")
            struck = strikes("commit")
            if struck and strikes("commit_unheard"):
                wrapper.commit_of_django()
                raise OperationalError("the database went away as it committed")
            if struck:
                raise OperationalError("the database went away before it committed")
            wrapper.commit_of_django()

        return commit
