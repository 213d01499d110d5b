"""No writes into a database that was restored and is in the past of what the other side knows."""

from collections.abc import Callable, Iterator

from django.db import Error, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from messaging import past
from observability.metrics import DATABASE_PAST, Reading
from rest.errors import Unavailable
from rest.problem_responses import respond_with_problem
from rest.problems import respond_without_database

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class RestoredMiddleware:
    """Refuses what may write, until `finish_restore` has run.

    What is written before gets ids and versions that the other side knows already: it would take
    the new for the old.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in _READS:
            try:
                if past.watch.is_past():
                    return respond_with_problem(request, _past())
            except Error as error:
                return respond_without_database(request, error)
        return self.get_response(request)


def history() -> bool | str:
    """Return whether all is well for `/readyz`, or the word for what is not.

    The check of the database comes before it. Where that got none, this does not wait for one too.
    """
    watch = past.watch
    found = watch.found_past if connection.connection is None else watch.is_past()
    return "past" if found else True


def read_history() -> Iterator[Reading]:
    """Give for the metrics what the last look has found; `/readyz` and each write look."""
    yield DATABASE_PAST, (), past.watch.found_past


def _past() -> Unavailable:
    return Unavailable(
        "This database was restored from a backup. Nothing can be written until finish_restore"
        " has run.",
        code="restore_unfinished",
    )
