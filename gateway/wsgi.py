"""The WSGI door: `granian --interface wsgi gateway.wsgi:application`."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.http import HttpResponse
from django.http.response import HttpResponseBase

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
from gateway.server.threads import threads  # noqa: E402
from gateway.web import persisted_operations  # noqa: E402 - Django must be set up first

persisted_operations.load()


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer a request (PEP 3333)."""
    threads.begin()
    try:
        response = _django(environ, start_response)
    except BaseException:
        threads.end()
        raise
    if not isinstance(response, HttpResponse):
        return _Answered(response, then=threads.end)  # it is at it until the client has all pieces
    is_to_rest = threads.end()
    if is_to_rest and _is_all_said(environ, response):
        return _Answered(response, then=threads.rest)
    content = response.content
    response.close()
    return [content]  # a list is sent as a whole


def _is_all_said(environ: "WSGIEnvironment", response: HttpResponse) -> bool:
    """Tell whether both sides know that there is no more to come, before the thread is back: the
    request has been read, and the answer has a length, which is nothing to HTTP/2.
    """
    return (
        environ["REQUEST_METHOD"] == "POST"
        and response.status_code == 200
        and response.has_header("Content-Length")
        and environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    )


class _Answered:
    """An answer, and what is to be done once the client has it."""

    def __init__(self, response: HttpResponseBase, then: Callable[[], object]) -> None:
        self._response = response
        self._then = then

    def __iter__(self) -> Iterator[bytes]:
        """Answer it."""
        return iter(self._response)

    def close(self) -> None:
        """Do it; nothing of the answer is kept meanwhile."""
        self._response.close()
        del self._response
        self._then()
