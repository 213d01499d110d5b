"""The Django app."""

from django.apps import AppConfig


class QuotesConfig(AppConfig):
    """Quotes and accounts."""

    name = "quotes_service"
    verbose_name = "Quotes"
