"""What a REST edge responds when it can't do what was asked.

Problem
├── InvalidRequest      400  what was sent can't be read, or can't be stored
│   └── InvalidCursor   400  a cursor that no page of this list gave
├── UnreadableBody      400, 411, 415  the body is not JSON in UTF-8, or has no length
├── NotAuthenticated    401  a token is needed
│   └── InvalidToken    401  the token is not one of ours, or no longer
├── PermissionDenied    403  the caller may not do this
├── NotFound            404  there is no such thing
├── Conflict            409  the state of the thing does not allow it
├── PreconditionFailed  412  the thing is not as its caller has seen it
├── Unprocessable       422  readable, but fields are not what they must be
└── Unavailable         503  something that this service needs does not answer

Any layer may raise them; `rest.problems` turns them into responses in one place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: `code` is for programs, `message` for people."""

    field: str
    code: str
    message: str


class Problem(Exception):
    """Base: an error with all that its response says. `code` is stable and for programs."""

    status: int = 500
    default_code: ClassVar[str] = "internal"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default_code
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.members: Mapping[str, Any] = {}  # what the response says besides


class InvalidRequest(Problem):
    """The request can't be read: broken JSON, or characters that nothing here can store."""

    status = 400
    default_code = "invalid_request"


class InvalidCursor(InvalidRequest):
    """The cursor was tampered with, or is of a list in another order."""

    default_code = "invalid_cursor"

    def __init__(self, detail: str = "The cursor is not one that this list gave.") -> None:
        super().__init__(detail)


class UnreadableBody(Problem):
    """The body is not one that is read here."""

    _CODES: ClassVar = {411: "length_required", 415: "unsupported_media_type"}

    def __init__(self, detail: str, *, status: int) -> None:
        super().__init__(detail, code=self._CODES.get(status, InvalidRequest.default_code))
        self.status = status


class NotAuthenticated(Problem):
    """The caller must say who they are."""

    status = 401
    default_code = "not_authenticated"

    def __init__(self, detail: str = "A bearer token is needed.") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class InvalidToken(NotAuthenticated):
    """The caller sent a token that doesn't hold."""

    default_code = "invalid_token"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class PermissionDenied(Problem):
    """The caller is known, and may not do this."""

    status = 403
    default_code = "permission_denied"


class NotFound(Problem):
    """There is no such thing, or no longer."""

    status = 404
    default_code = "not_found"


class Conflict(Problem):
    """The thing is in a state that does not allow it. The code says which."""

    status = 409
    default_code = "conflict"


class PreconditionFailed(Problem):
    """The thing is not as its caller has seen it (If-Match). `current` is what it is now."""

    status = 412
    default_code = "conflict"

    def __init__(self, detail: str, *, current: Mapping[str, Any]) -> None:
        super().__init__(detail)
        self.members = {"current": current}


class Unprocessable(Problem):
    """The request was read, and fields of it are not what they must be."""

    status = 422
    default_code = "validation_error"


class Unavailable(Problem):
    """Something that this service needs does not answer; asking again may help."""

    status = 503
    default_code = "upstream_unavailable"

    def __init__(self, detail: str, *, code: str | None = None, retry_after: int = 1) -> None:
        super().__init__(detail, code=code, headers={"Retry-After": str(retry_after)})
