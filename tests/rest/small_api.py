"""A small API with one operation for each thing that can go wrong; also its URLconf."""

from datetime import UTC, datetime
from typing import Annotated

from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from ninja import Schema
from pydantic import StringConstraints

from rest.api import RestAPI
from rest.callers import BearerAuth, caller_of
from rest.errors import Conflict, NotFound, Unavailable
from rest.ids import Id, IdList
from rest.openapi import Word
from rest.paging import Limit
from rest.responses import Timestamp

ERRORS: dict[str, Exception] = {
    "conflict": Conflict("You did so already.", code="already_liked"),
    "unavailable": Unavailable("Quotes does not response.", retry_after=3),
    "fault": RuntimeError("a secret"),
    "database": OperationalError("a secret"),
    "django": Http404("a secret"),
}
WORDS = {
    name: Word("What it is for.", 1) for name in ("id", "name", "status", "text", "at", "user")
}
api = RestAPI(title="Small", description="For tests.", words=WORDS)


class Note(Schema):
    """What is posted."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5)]


class Moment(Schema):
    """A response with a time."""

    at: Timestamp


@api.get("/raise/{name}")
def fail(request: HttpRequest, name: str) -> None:
    """Raise what is asked for."""
    raise ERRORS[name]


@api.post("/notes")
def echo(request: HttpRequest, payload: Note) -> str:
    """Return the text."""
    return payload.text


@api.get("/things")
def things(
    request: HttpRequest,
    id: IdList | None = None,
    user: Id | None = None,
    limit: Limit = 20,
) -> dict[str, object]:
    """Return what was understood."""
    return {"id": id, "user": user, "limit": limit}


@api.get("/things/{id:thing_id}")
def thing(request: HttpRequest, thing_id: int) -> int:
    """Return the id."""
    return thing_id


@api.post("/things/{id:thing_id}/touch")
def touch(request: HttpRequest, thing_id: int) -> int:
    """Return the id."""
    return thing_id


@api.get("/moment", response=Moment)
def moment(request: HttpRequest) -> dict[str, object]:
    """Return a time that has microseconds."""
    return {"at": datetime(2026, 11, 25, 4, 38, 40, 123456, tzinfo=UTC)}


@api.get("/open")
def open_to_all(request: HttpRequest) -> int | None:
    """Return who calls, if anyone says so."""
    caller = caller_of(request)
    return caller.user_id if caller else None


@api.get("/closed", auth=BearerAuth())
def closed(request: HttpRequest) -> int:
    """Return who calls."""
    return int(request.auth.user_id)  # type: ignore[attr-defined]


def plain_fault(request: HttpRequest) -> HttpResponse:
    """A view outside the API that fails."""
    raise RuntimeError("a secret")


def plain_problem(request: HttpRequest) -> HttpResponse:
    """A view outside the API that raises a problem."""
    raise NotFound("It is gone.")


def suspicious(request: HttpRequest) -> HttpResponse:
    """A view outside the API that finds the request suspicious."""
    raise SuspiciousOperation("a secret")


urlpatterns = [
    path("plain/fault", plain_fault),
    path("plain/problem", plain_problem),
    path("plain/suspicious", suspicious),
    path("", api.urls),
]
handler400 = "rest.problems.handler400"
handler403 = "rest.problems.handler403"
handler404 = "rest.problems.handler404"
handler500 = "rest.problems.handler500"
