"""What can go wrong while a request is executed, and the code that a client reads of it.

    GatewayError              an entry of `errors`, with `extensions.code`
    ├── BadUserInput          BAD_USER_INPUT, INVALID_CURSOR: an argument can't be used
    ├── Unauthenticated       UNAUTHENTICATED: the token doesn't hold
    ├── RateLimited           RATE_LIMITED: too much was asked in too short a time
    └── UpstreamError         a fault of the system, with `extensions.service`
        ├── UpstreamUnavailable   UPSTREAM_UNAVAILABLE
        └── UpstreamTimeout       UPSTREAM_TIMEOUT
    Refusal                   what was asked is not done, and why; never leaves the gateway as
                              such: a mutation turns it into data, a query into one of the above

Anything else that is raised is a fault of ours: it is logged, and the client reads INTERNAL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from gateway.error_codes import ErrorCode

logger = structlog.get_logger(__name__)


_TOKENS_REFUSED = {ErrorCode.NOT_AUTHENTICATED, ErrorCode.INVALID_TOKEN}


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
    """One thing that was found wrong, and in which field of the input."""

    field: str | None
    code: ErrorCode
    message: str


class Refusal(Exception):
    """What was asked is understood, and not done: a service said so (a 4xx with a problem
    document), or the gateway knows it beforehand.
    """

    def __init__(
        self,
        code: ErrorCode,
        detail: str,
        problems: Sequence[FieldProblem] = (),
        *,
        retry_after: int | None = None,
        current: object = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.problems = problems
        self.retry_after = retry_after  # seconds, where it may be tried again
        self.current = current  # what a conflict was about, as it is now


def query_error(service: str, refusal: Refusal) -> GatewayError:
    """Return the error that a service's refusal is in a query, which has no other place for it.

    Of what a query passes on, a service judges the token, cursors and `search`. What it says of
    anything else is about what the gateway has made of the query, and no fault of the caller.
    """
    if refusal.code is ErrorCode.INVALID_CURSOR:
        return InvalidCursor("The cursor is not one of this list in this order.")
    if refusal.code in _TOKENS_REFUSED:
        return Unauthenticated(refusal.detail)
    if refusal.code is ErrorCode.RATE_LIMITED:
        return RateLimited(refusal.detail, refusal.retry_after)
    if refusal.problems and all(problem.field == "search" for problem in refusal.problems):
        return BadUserInput(refusal.detail, argument="search")
    logger.warning("upstream_refused", service=service, code=refusal.code)
    return UpstreamUnavailable(service)
