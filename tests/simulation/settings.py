"""One Django project with both services' apps; the simulation gives each its own database."""

from datetime import timedelta
from pathlib import Path

from observability.logs import logging_config

SECRET_KEY = "of the tests"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "quotes_service.User"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "messaging",
    "identity",
    "quotes_service",
    "likes_service",
]
# Each connection to `:memory:` is a database of its own. It prepares each statement once.
DATABASES = {
    "default": {
        "ENGINE": "database.sqlite",
        "NAME": ":memory:",
        "OPTIONS": {"cached_statements": 2000},
    }
}
BROKER_URL = "sqlite:///unused"
# Nobody is asked over HTTP.
QUOTES_URL = ""
JWKS_URL = ""

# Small, so that a few events fill batches and windows.
_SIZES = {
    "RELAY_BATCH": 3,
    "CONSUMER_BATCH": 4,
    "PREFETCH": 6,
    "RETRY_DELAYS": [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4)],
    "SCHEMAS": Path(__file__).resolve().parents[2] / "event_schemas",
}
MESSAGING_OF = {
    "quotes": {
        **_SIZES,
        "SOURCE": "/quotes",
        "QUEUE": "quotes",
        "BINDINGS": ["likes.like.*"],
        "HANDLERS": "quotes_service.handlers.HANDLERS",
        "LOGGED": ["quotes.quote.created", "quotes.quote.updated", "quotes.quote.deleted"],
        "ONLY_LOGGED": ["quotes.quote.counted"],
    },
    "likes": {
        **_SIZES,
        "SOURCE": "/likes",
        "QUEUE": "likes",
        "BINDINGS": ["quotes.quote.*", "quotes.user.*"],
        "HANDLERS": "likes_service.handlers.HANDLERS",
    },
}
MESSAGING = MESSAGING_OF["quotes"]
LOGGING = logging_config(json_lines=True, level="CRITICAL")
