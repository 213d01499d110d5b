"""What can go wrong while a request is answered, and the code that a client reads of it.

    GatewayError              an entry of `errors`, with `extensions.code`
    ├── BadUserInput          BAD_USER_INPUT, INVALID_CURSOR: an argument can't be used
    ├── Unauthenticated       UNAUTHENTICATED: the token doesn't hold
    ├── RateLimited           RATE_LIMITED: too much was asked in too short a time
    └── UpstreamError         a fault of the system, with `extensions.service`
        ├── UpstreamUnavailable   UPSTREAM_UNAVAILABLE
        └── UpstreamTimeout       UPSTREAM_TIMEOUT
    Refusal                   a service said no, with its own code; never leaves the gateway as
                              such: a mutation turns it into data, a query into one of the above

Anything else that is raised is a fault of ours: it is logged, and answered as INTERNAL.
"""

from dataclasses import dataclass
from typing import Any

import structlog

logger = structlog.get_logger(__name__)

# With which status a service gives each code that a client may be told. A 4xx of any other kind is
# not one of our services', and its text may tell of what stands between.
REFUSALS = {
    "invalid_request": 400,
    "invalid_cursor": 400,
    "not_authenticated": 401,
    "invalid_token": 401,
    "invalid_credentials": 401,
    "permission_denied": 403,
    "not_found": 404,
    "not_liked": 404,
    "already_liked": 409,
    "too_large": 413,
    "validation_error": 422,
    "idempotency_key_reused": 422,
    "rate_limited": 429,
}


class GatewayError(Exception):
    """An error whose message and code a client may see."""

    code = "INTERNAL"

    @property
    def extensions(self) -> dict[str, Any]:
        """What goes into the error's `extensions`."""
        return {"code": self.code}


class BadUserInput(GatewayError):
    """An argument that is well-typed, but can't be used."""

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, *, argument: str | None = None) -> None:
        super().__init__(message)
        self.argument = argument

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and which argument it is about."""
        return {"code": self.code} | ({"argument": self.argument} if self.argument else {})


class InvalidCursor(BadUserInput):
    """A cursor that was not given out for this list and order."""

    code = "INVALID_CURSOR"


class Unauthenticated(GatewayError):
    """The caller's token is missing where one is needed, or isn't accepted."""

    code = "UNAUTHENTICATED"


class RateLimited(GatewayError):
    """A service takes no more from this caller for a while."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and in how many seconds to ask again."""
        return {"code": self.code} | ({"retryAfter": self.retry_after} if self.retry_after else {})


class UpstreamError(GatewayError):
    """A service couldn't do its part. The fields that it serves are null."""

    code = "UPSTREAM_UNAVAILABLE"

    def __init__(self, service: str, message: str) -> None:
        super().__init__(message)
        self.service = service

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and the service that it is about."""
        return {"code": self.code, "service": self.service}


class UpstreamUnavailable(UpstreamError):
    """A service refused the connection, broke it, or answered what makes no sense."""

    def __init__(self, service: str) -> None:
        super().__init__(service, f"The {service} service is unavailable.")


class UpstreamTimeout(UpstreamError):
    """A service didn't answer in time."""

    code = "UPSTREAM_TIMEOUT"

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
    """Answer the error that a service's refusal is where only errors can be told (in a query).

    Of what a query passes on, a service judges the token, cursors and `search`. What it says of
    anything else is about what the gateway has made of the query, and no fault of the caller.
    """
    if refusal.code == "invalid_cursor":
        return InvalidCursor("The cursor is not one of this list in this order.")
    if refusal.code in {"not_authenticated", "invalid_token"}:
        return Unauthenticated(refusal.detail)
    if refusal.code == "rate_limited":
        return RateLimited(refusal.detail, refusal.retry_after)
    if refusal.problems and all(problem.field == "search" for problem in refusal.problems):
        return BadUserInput(refusal.detail, argument="search")
    logger.warning("upstream_refused", service=service, status=refusal.status, code=refusal.code)
    return UpstreamUnavailable(service)
