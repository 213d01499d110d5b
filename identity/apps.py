"""The Django app, for services that keep a replica of the accounts."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """The replica of the accounts of which Quotes has published something."""

    name = "identity"
    verbose_name = "Accounts of Quotes"
    default_auto_field = "django.db.models.BigAutoField"
