"""What can go wrong while a request is executed, and the code that a client reads of it.

    GatewayError              an entry of `errors`, with `extensions.code`
    ├── BadUserInput          BAD_USER_INPUT, INVALID_CURSOR: an argument can't be used
    ├── Unauthenticated       UNAUTHENTICATED: the token doesn't hold
    ├── RateLimited           RATE_LIMITED: too much was asked in too short a time
    └── UpstreamError         a fault of the system, with `extensions.service`
        ├── UpstreamUnavailable   UPSTREAM_UNAVAILABLE
        └── UpstreamTimeout       UPSTREAM_TIMEOUT
    Refusal                   a service said no, with its own code; never leaves the gateway as
                              such: a mutation turns it into data, a query into one of the above

Anything else that is raised is a fault of ours: it is logged, and the client reads INTERNAL.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog

logger = structlog.get_logger(__name__)


class ErrorCode(StrEnum):
    """Every code that a client may read; docs/errors.md says of each when, and what to do.

    `extensions.code` has it as it is, an `OperationInfo` and the services in small letters.
    """

    # Of an entry of `errors`
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE"
    UPSTREAM_TIMEOUT = "UPSTREAM_TIMEOUT"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    INVALID_CURSOR = "INVALID_CURSOR"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    RATE_LIMITED = "RATE_LIMITED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_REQUEST = "BAD_REQUEST"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_REQUIRED = "PERSISTED_QUERY_REQUIRED"
    INTERNAL = "INTERNAL"
    # Of a live subscription
    CURSOR_EXPIRED = "CURSOR_EXPIRED"
    RESUBSCRIBE = "RESUBSCRIBE"
    # Of a refusal; RATE_LIMITED is one, too
    INVALID_REQUEST = "INVALID_REQUEST"
    NOT_AUTHENTICATED = "NOT_AUTHENTICATED"
    INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105 - no token
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    NOT_FOUND = "NOT_FOUND"
    NOT_LIKED = "NOT_LIKED"
    ALREADY_LIKED = "ALREADY_LIKED"
    VALIDATION_ERROR = "VALIDATION_ERROR"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    # Of one field of a refused input; Django's password rules have their own besides
    REQUIRED = "REQUIRED"
    BLANK = "BLANK"
    TOO_LONG = "TOO_LONG"
    TOO_LARGE = "TOO_LARGE"
    INVALID = "INVALID"
    TAKEN = "TAKEN"

    @property
    def of_refusal(self) -> str:
        """The code as services give it, and as an `OperationInfo` has it."""
        return self.lower()


# With which status a service gives each code that a client may read. A 4xx of any other kind is
# not one of our services', and its text may speak of what stands between.
REFUSALS = {
    code.of_refusal: status
    for code, status in {
        ErrorCode.INVALID_REQUEST: 400,
        ErrorCode.INVALID_CURSOR: 400,
        ErrorCode.NOT_AUTHENTICATED: 401,
        ErrorCode.INVALID_TOKEN: 401,
        ErrorCode.INVALID_CREDENTIALS: 401,
        ErrorCode.PERMISSION_DENIED: 403,
        ErrorCode.NOT_FOUND: 404,
        ErrorCode.NOT_LIKED: 404,
        ErrorCode.ALREADY_LIKED: 409,
        ErrorCode.TOO_LARGE: 413,
        ErrorCode.VALIDATION_ERROR: 422,
        ErrorCode.IDEMPOTENCY_KEY_REUSED: 422,
        ErrorCode.RATE_LIMITED: 429,
    }.items()
}

_TOKENS_REFUSED = {ErrorCode.NOT_AUTHENTICATED.of_refusal, ErrorCode.INVALID_TOKEN.of_refusal}


class GatewayError(Exception):
    """An error whose message and code a client may see."""

    code: ErrorCode = ErrorCode.INTERNAL

    @property
    def extensions(self) -> dict[str, Any]:
        """What goes into the error's `extensions`."""
        return {"code": self.code}


class BadUserInput(GatewayError):
    """An argument that is well-typed, but can't be used."""

    code = ErrorCode.BAD_USER_INPUT

    def __init__(self, message: str, *, argument: str | None = None) -> None:
        super().__init__(message)
        self.argument = argument

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and which argument it is about."""
        return {"code": self.code} | ({"argument": self.argument} if self.argument else {})


class InvalidCursor(BadUserInput):
    """A cursor that was not given out for this list and order."""

    code = ErrorCode.INVALID_CURSOR


class Unauthenticated(GatewayError):
    """The caller's token is missing where one is needed, or isn't accepted."""

    code = ErrorCode.UNAUTHENTICATED


class RateLimited(GatewayError):
    """A service takes no more from this caller for a while."""

    code = ErrorCode.RATE_LIMITED

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and in how many seconds to ask again."""
        return {"code": self.code} | ({"retryAfter": self.retry_after} if self.retry_after else {})


class UpstreamError(GatewayError):
    """A service couldn't do its part. The fields that it serves are null."""

    code = ErrorCode.UPSTREAM_UNAVAILABLE

    def __init__(self, service: str, message: str) -> None:
        super().__init__(message)
        self.service = service

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and the service that it is about."""
        return {"code": self.code, "service": self.service}


class UpstreamUnavailable(UpstreamError):
    """A service refused the connection, broke it, or sent what makes no sense."""

    def __init__(self, service: str) -> None:
        super().__init__(service, f"The {service} service is unavailable.")


class UpstreamTimeout(UpstreamError):
    """A service didn't respond in time."""

    code = ErrorCode.UPSTREAM_TIMEOUT

    def __init__(self, service: str) -> None:
        super().__init__(service, f"The {service} service didn't answer in time.")


@dataclass(frozen=True)
class FieldProblem:
    """One thing that a service found wrong, and in which of its fields."""

    field: str | None
    code: str
    message: str


class Refusal(Exception):
    """A service understood the call and said no (a 4xx with a problem document)."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        problems: list[FieldProblem],
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.problems = problems
        self.retry_after = retry_after  # seconds, where it may be tried again


def query_error(service: str, refusal: Refusal) -> GatewayError:
    """Return the error that a service's refusal is in a query, which has no other place for it.

    Of what a query passes on, a service judges the token, cursors and `search`. What it says of
    anything else is about what the gateway has made of the query, and no fault of the caller.
    """
    if refusal.code == ErrorCode.INVALID_CURSOR.of_refusal:
        return InvalidCursor("The cursor is not one of this list in this order.")
    if refusal.code in _TOKENS_REFUSED:
        return Unauthenticated(refusal.detail)
    if refusal.code == ErrorCode.RATE_LIMITED.of_refusal:
        return RateLimited(refusal.detail, refusal.retry_after)
    if refusal.problems and all(problem.field == "search" for problem in refusal.problems):
        return BadUserInput(refusal.detail, argument="search")
    logger.warning("upstream_refused", service=service, status=refusal.status, code=refusal.code)
    return UpstreamUnavailable(service)
