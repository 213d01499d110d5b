"""A project by django-cqrs's documentation, whose one app is both the master and the replica."""

import os
from urllib.parse import urlsplit

SECRET_KEY = "for a benchmark"  # noqa: S105 - it signs nothing
INSTALLED_APPS = ["dj_cqrs", "likes"]
_url = urlsplit(os.environ["DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _url.path.removeprefix("/"),
        "HOST": _url.hostname,
        "PORT": _url.port,
        "USER": _url.username,
        "CONN_MAX_AGE": None,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
CQRS = {
    "transport": os.environ.get("TRANSPORT", "dj_cqrs.transport.rabbit_mq.RabbitMQTransport"),
    "url": os.environ["BROKER_URL"],
    "queue": "cqrs",
    "consumer_prefetch_count": 500,
}
