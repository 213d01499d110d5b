"""The ASGI door of live subscriptions: `granian --interface asgi gateway.asgi:application`."""

import os
import sys

import django

from observability.exposition import workers
from web.environment import load
from web.parent import end_with_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")
load()
# The schema's library would import this driver for its fields of PostgreSQL, which nobody has here:
# 10 MB of each process. None says that it isn't installed.
sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]
django.setup()

from gateway.live.application import Application  # noqa: E402 - Django must be set up first
from gateway.web import persisted_operations  # noqa: E402

# What can't be read must show when the process starts, not at each request.
persisted_operations.load()
application = Application()
workers.share()
end_with_server()
