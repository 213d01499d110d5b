"""The WSGI door: `granian --interface wsgi gateway.wsgi:application`."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from observability.exposition import workers
from web.environment import load
from web.parent import end_with_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")
load()
# The schema's library would import this driver for its fields of PostgreSQL, which nobody has here:
# 10 MB of each process. None says that it isn't installed.
sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]

application = get_wsgi_application()
workers.share()
end_with_server()

# What can't be read must show when the process starts, not at each request.
from gateway.web import persisted_operations, static_files  # noqa: E402 - Django is set up first

persisted_operations.load()
static_files.check()
