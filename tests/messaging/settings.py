"""A Django project with nothing but messaging and a ledger of what was handled."""

import os
from datetime import timedelta
from pathlib import Path

from database.configuration import database
from observability.logs import logging_config
from web.configuration import flag

SECRET_KEY = "of the tests"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["messaging", "tests.messaging.ledger"]
DATABASES = {
    "default": database(os.environ.get("DATABASE_URL") or "sqlite:///:memory:", pool_size=10)
}

# Each test has queues of its own: processes that it starts learn them from the environment.
BROKER_URL = os.environ.get("BROKER_URL", "sqlite:///unused")
MESSAGING = {
    "SOURCE": os.environ.get("MESSAGING_SOURCE", "/ledger"),
    "EXCHANGE": os.environ.get("MESSAGING_EXCHANGE", "events"),
    "QUEUE": os.environ.get("MESSAGING_QUEUE", "ledger"),
    "BINDINGS": ["ledger.#"],
    "HANDLERS": "tests.messaging.handlers.HANDLERS",
    "SCHEMAS": Path(__file__).parent / "schemas",
    "RETRY_DELAYS": [timedelta(milliseconds=200), timedelta(milliseconds=400)],
    "DELIVERY_LIMIT": 5,
    "AMQP_FAST": flag("AMQP_FAST", True),
}
LOGGING = logging_config(json_lines=True, level="INFO")
