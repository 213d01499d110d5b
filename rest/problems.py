"""Every error as a problem, in this one place: which error becomes which problem.

`add_problem_handlers(api)` does so for a ninja API. `ProblemMiddleware` does for the errors of
Django itself: unknown paths, methods that a path does not have, faults.
"""

import sys
from collections.abc import Callable
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    UnreadablePostError,
)
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from rest.errors import (
    FieldError,
    InvalidRequest,
    NotAuthenticated,
    NotFound,
    Problem,
    Unavailable,
    Unprocessable,
    UnreadableBody,
)
from rest.problem_responses import problem_response, respond_with_problem, title_of
from web.bodies import BodyRefused, check_length
from web.errors import TooManyRequests

_CODES = {
    400: "invalid_request",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    500: "internal",
}
_DETAILS = {
    "not_found": "There is nothing here.",
    "method_not_allowed": "This path does not take that method.",
    "internal": "Something went wrong here. It has been noted.",
}
# What pydantic calls an error -> our code and words; a type not here is "invalid".
_FIELD_ERRORS = {
    "missing": ("required", "is required"),
    "string_too_short": ("blank", "must not be blank"),
    "string_too_long": ("too_long", "must have at most {max_length} characters"),
    "string_type": ("invalid", "must be a text"),
    "int_parsing": ("invalid", "must be a whole number"),
    "too_long": ("too_many", ""),
    "greater_than_equal": ("too_small", "must be at least {ge}"),
    "less_than_equal": ("too_large", "must be at most {le}"),
}
# Pages for people in a browser keep their own errors.
_HTML_PREFIXES = ("/admin/", "/static/")

logger = structlog.get_logger(__name__)


def _respond_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A body that is no object at all is a bad request; fields of it are unprocessable."""
    for item in error.errors:
        if item["loc"][0] == "body" and len(item["loc"]) <= 2:
            return respond_with_problem(request, _no_object(request))
    errors = [_field_error(item) for item in error.errors]
    detail = "; ".join(f"{item.field}: {item.message}" for item in errors)
    return respond_with_problem(request, Unprocessable(detail, errors=errors))


def _no_object(request: HttpRequest) -> Problem:
    try:
        check_length(request)
    except BodyRefused as refused:
        return UnreadableBody(str(refused), status=refused.status)
    return InvalidRequest("The body must be a JSON object.")


def _field_error(item: dict[str, Any]) -> FieldError:
    names = [part for part in item["loc"] if isinstance(part, str)]
    code, words = _FIELD_ERRORS.get(item["type"], ("invalid", ""))
    message = words.format(**item.get("ctx", {})) or item["msg"].removeprefix("Value error, ")
    return FieldError(field=names[-1], code=code, message=message)


def _respond_not_authenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return respond_with_problem(request, NotAuthenticated())


def _respond_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja wraps what the parser raises in an `HttpError`."""
    if isinstance(error.__cause__, Problem):
        return respond_with_problem(request, error.__cause__)
    code = _CODES.get(error.status_code, "invalid_request")
    return problem_response(error.status_code, code, str(error))


def _respond_too_many(request: HttpRequest, error: TooManyRequests) -> HttpResponse:
    members = {"retry_after": error.retry_after}
    response = problem_response(429, error.code, str(error), members=members)
    response["Retry-After"] = str(error.retry_after)
    return response


def _respond_not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return respond_with_problem(request, NotFound(_DETAILS["not_found"]))


def _respond_too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem_response(413, _CODES[413], "The body is too large.")


def _respond_cut_off(request: HttpRequest, error: UnreadablePostError) -> HttpResponse:
    return respond_with_problem(request, InvalidRequest("The body ended too soon."))


def respond_without_database(request: HttpRequest, error: Exception) -> HttpResponse:
    """Log that the database is away, and respond with 503."""
    logger.error("database_unavailable", path=request.path, error=str(error))
    return respond_with_problem(request, Unavailable("The database does not answer at the moment."))


def _respond_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("request_failed", path=request.path, exc_info=error)
    return problem_response(500, _CODES[500], _DETAILS["internal"])


# Ninja looks for the nearest base class of what was raised.
_HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Problem: respond_with_problem,
    TooManyRequests: _respond_too_many,
    ValidationError: _respond_invalid,
    AuthenticationError: _respond_not_authenticated,
    HttpError: _respond_http_error,
    Http404: _respond_not_found,
    RequestDataTooBig: _respond_too_big,
    UnreadablePostError: _respond_cut_off,
    OperationalError: respond_without_database,
    InterfaceError: respond_without_database,
    Exception: _respond_fault,
}


def add_problem_handlers(api: NinjaAPI) -> None:
    """Make all errors of the API problems."""
    for error_type, handler in _HANDLERS.items():
        api.add_exception_handler(error_type, handler)


class ProblemMiddleware:
    """Turns the plain errors that Django makes by itself into problems."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # The server gives nothing of such a body, so that it must not be taken for none.
        if "HTTP_TRANSFER_ENCODING" in request.META and request.method not in {"GET", "HEAD"}:
            return respond_with_problem(request, _no_object(request))
        response = self.get_response(request)
        if response.status_code < 400 or _is_for_a_browser(request, response):
            return response
        status = response.status_code
        code = _CODES.get(status, "invalid_request")
        problem = problem_response(status, code, _DETAILS.get(code, title_of(status)))
        for name in ("Allow", "Retry-After", "WWW-Authenticate"):
            if name in response.headers:
                problem[name] = response.headers[name]
        return problem

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Respond with a problem that a view outside the API raised, such as one of the admin."""
        return respond_with_problem(request, error) if isinstance(error, Problem) else None


def _is_for_a_browser(request: HttpRequest, response: HttpResponseBase) -> bool:
    if "json" in response.headers.get("Content-Type", ""):
        return True
    return request.path.startswith(_HTML_PREFIXES)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`: a request that it suspects, such as one for an unknown host."""
    if isinstance(exception, RequestDataTooBig):
        return _respond_too_big(request, exception)
    return problem_response(400, _CODES[400], "The request is not valid.")


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler403`."""
    return problem_response(403, _CODES[403], "This is not permitted.")


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler404`: no such path."""
    return problem_response(404, _CODES[404], _DETAILS["not_found"])


def handler500(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: a fault outside the API, which Django is just handling."""
    error = sys.exception()
    if isinstance(error, OperationalError | InterfaceError):
        return respond_without_database(request, error)
    return problem_response(500, _CODES[500], _DETAILS["internal"])
