"""The WSGI door: `granian --interface wsgi gateway.wsgi:application`."""

import os

from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")

application = get_wsgi_application()
# There are no databases and no caches here, which would have to be looked after at each request.
request_started.disconnect(reset_queries)
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)
request_finished.disconnect(close_caches)

# What can't be read must show when the process starts, not at each request.
from gateway import persisted  # noqa: E402 - Django must be set up first

persisted.load()
