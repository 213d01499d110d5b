"""The WSGI door: `granian --interface wsgi gateway.wsgi:application`."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.http import HttpResponse

from web.environment import load

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")
load()

_django = get_wsgi_application()
# There are no databases and no caches here, which would have to be looked after at each request.
request_started.disconnect(reset_queries)
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)
request_finished.disconnect(close_caches)

# What can't be read must show when the process starts, not at each request.
from gateway.web import persisted_operations  # noqa: E402 - Django must be set up first

persisted_operations.load()


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Respond to a request (PEP 3333)."""
    response = _django(environ, start_response)
    if not isinstance(response, HttpResponse):
        return response
    content = response.content
    response.close()
    return [content]  # a list is sent as a whole
