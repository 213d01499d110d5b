"""Problems as `application/problem+json` (RFC 9457)."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from rest.errors import FieldError, Problem

CONTENT_TYPE = "application/problem+json"
# Python 3.13 renamed these; a client sees the same title whatever Python serves it.
_TITLES = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}


def title_of(status: int) -> str:
    """Return what a status is called (RFC 9457: a problem of no type of its own is titled so)."""
    return _TITLES.get(status) or HTTPStatus(status).phrase


def problem_response(
    status: int,
    code: str,
    detail: str,
    errors: Iterable[FieldError] = (),
    members: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Write a problem document; `members` are what it says besides."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [
            {"field": error.field, "code": error.code, "message": error.message} for error in errors
        ],
        **(members or {}),
    }
    return HttpResponse(orjson.dumps(document), status=status, content_type=CONTENT_TYPE)


def respond_with_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Turn a `Problem` into its response."""
    response = problem_response(
        problem.status, problem.code, problem.detail, problem.errors, problem.members
    )
    for name, value in problem.headers.items():
        response[name] = value
    return response
