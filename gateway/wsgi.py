"""The WSGI door: `granian --interface wsgi gateway.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from observability.exposition import workers
from web.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")
load()

application = get_wsgi_application()
workers.share()

# What can't be read must show when the process starts, not at each request.
from gateway.web import persisted_operations, static_files  # noqa: E402 - Django is set up first

persisted_operations.load()
static_files.check()
