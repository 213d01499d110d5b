"""The Django app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Outbox, inbox, relay and consumer for one service."""

    name = "messaging"
    verbose_name = "Messaging"

    def ready(self) -> None:
        """Register the system checks."""
        from messaging import checks  # noqa: F401 - importing registers them
