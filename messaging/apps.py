"""The Django app."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from messaging.events import new_id


class MessagingConfig(AppConfig):
    """Outbox, inbox, relay and consumer for one service."""

    name = "messaging"
    verbose_name = "Messaging"

    def ready(self) -> None:
        """Register the system checks, and what SQLite lacks for `outbox.publish_selected`."""
        from messaging import checks  # noqa: F401 - importing registers them

        connection_created.connect(_make_function_of_ids)


def _make_function_of_ids(connection: BaseDatabaseWrapper, **given: Any) -> None:
    """Have SQLite make ids of events by the name that PostgreSQL has for it."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("gen_random_uuid", 0, new_id)
