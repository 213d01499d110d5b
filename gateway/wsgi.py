"""The WSGI door: `granian --interface wsgi gateway.wsgi:application`."""

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.http import HttpResponse

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")

_django = get_wsgi_application()
# There are no databases and no caches here, which would have to be looked after at each request.
request_started.disconnect(reset_queries)
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)
request_finished.disconnect(close_caches)

# What can't be read must show when the process starts, not at each request.
from gateway import persisted  # noqa: E402 - Django must be set up first
from gateway.threads import threads  # noqa: E402

persisted.load()


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer a request (PEP 3333)."""
    threads.begin()
    try:
        response = _django(environ, start_response)
    finally:
        is_to_rest = threads.end()
    if not isinstance(response, HttpResponse):
        return response
    if is_to_rest and _ends_by_itself(response, environ):
        return _BeforeRest(response)
    content = response.content
    response.close()
    return [content]  # a list is sent as a whole


def _ends_by_itself(response: HttpResponse, environ: "WSGIEnvironment") -> bool:
    """Tell whether a client has all of an answer before its thread has come back: by its length,
    which HTTP/2 has no use for.
    """
    return response.has_header("Content-Length") and environ["SERVER_PROTOCOL"] == "HTTP/1.1"


class _BeforeRest:
    """An answer after which its thread rests."""

    def __init__(self, response: HttpResponse) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        """Answer it."""
        return iter(self._response)

    def close(self) -> None:
        """Rest, now that the client has it."""
        self._response.close()
        threads.rest()
