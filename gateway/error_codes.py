"""Every code that a client may read, and what each means; docs/errors.md has what to do then."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """The codes of `extensions.code` and of an `OperationInfo`; services have small letters."""

    description: str

    def __new__(cls, code: str, description: str) -> "ErrorCode":
        """Take what the schema says of a code, too."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.description = description
        return member

    # Of an entry of `errors`
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE", "A service is down, or answers nonsense."
    UPSTREAM_TIMEOUT = "UPSTREAM_TIMEOUT", "A service did not answer in time."
    BAD_USER_INPUT = "BAD_USER_INPUT", "A variable or argument can't be used."
    INVALID_CURSOR = "INVALID_CURSOR", "A cursor is not one of this list in this order."
    UNAUTHENTICATED = "UNAUTHENTICATED", "The token doesn't hold."
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED", "The request asks for too much at once."
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED", "The document is no GraphQL."
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED", "The document is not of this schema."
    BAD_REQUEST = "BAD_REQUEST", "The HTTP request carries no GraphQL request."
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED", "The HTTP method can't be used for this."
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND", "The hash is not known here."
    PERSISTED_QUERY_REQUIRED = (
        "PERSISTED_QUERY_REQUIRED",
        "Only persisted operations are executed here.",
    )
    INTERNAL = "INTERNAL", "A fault of ours, which is in the log."
    # Of a live subscription
    CURSOR_EXPIRED = "CURSOR_EXPIRED", "What has changed since the cursor isn't known any more."
    RESUBSCRIBE = "RESUBSCRIBE", "The subscription ends; go on with its cursor."
    # Of either
    RATE_LIMITED = "RATE_LIMITED", "Too much was asked in too short a time; wait `retryAfter`."
    # Of a refusal
    INVALID_REQUEST = "INVALID_REQUEST", "The input as a whole can't be read."
    VALIDATION_ERROR = "VALIDATION_ERROR", "The input as a whole can't be used."
    NOT_AUTHENTICATED = "NOT_AUTHENTICATED", "The mutation needs a login."
    INVALID_TOKEN = "INVALID_TOKEN", "The service doesn't take the token."
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS", "No account of that name has that password."
    INVALID_REFRESH_TOKEN = (
        "INVALID_REFRESH_TOKEN",
        "The session has ended, or this token of it was used before.",
    )
    PERMISSION_DENIED = "PERMISSION_DENIED", "The caller may not do that."
    NOT_FOUND = "NOT_FOUND", "There is no such thing, or no longer."
    CONFLICT = "CONFLICT", "It was changed meanwhile; `current` is as it is now."
    ALREADY_LIKED = "ALREADY_LIKED", "The caller likes the quote already."
    NOT_LIKED = "NOT_LIKED", "The caller doesn't like the quote."
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED", "The key was sent with another quote before."
    # Of one field of a refused input
    REQUIRED = "REQUIRED", "The field must be given."
    BLANK = "BLANK", "The field must not be blank."
    TOO_LONG = "TOO_LONG", "The field is too long."
    TOO_LARGE = "TOO_LARGE", "The field, or the input as a whole, is too large."
    INVALID = "INVALID", "The field can't be that."
    TAKEN = "TAKEN", "Somebody else has that."
    PASSWORD_TOO_SHORT = "PASSWORD_TOO_SHORT", "The password is too short."
    PASSWORD_TOO_COMMON = "PASSWORD_TOO_COMMON", "The password is a common one."
    PASSWORD_ENTIRELY_NUMERIC = (
        "PASSWORD_ENTIRELY_NUMERIC",
        "The password is all digits.",
    )
    PASSWORD_TOO_SIMILAR = (
        "PASSWORD_TOO_SIMILAR",
        "The password is too like the name or the e-mail address.",
    )


_OF_SERVICES = {code.lower(): code for code in ErrorCode}


def of_service(code: str) -> ErrorCode | None:
    """Return a code as a service has it; `None` if it isn't one that a client may read."""
    return _OF_SERVICES.get(code)


# With which status a service gives each code that a client may read. A 4xx of any other kind is
# not one of our services', and its text may speak of what stands between.
REFUSALS = {
    ErrorCode.INVALID_REQUEST: 400,
    ErrorCode.INVALID_CURSOR: 400,
    ErrorCode.NOT_AUTHENTICATED: 401,
    ErrorCode.INVALID_TOKEN: 401,
    ErrorCode.INVALID_CREDENTIALS: 401,
    ErrorCode.INVALID_REFRESH_TOKEN: 401,
    ErrorCode.PERMISSION_DENIED: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.NOT_LIKED: 404,
    ErrorCode.ALREADY_LIKED: 409,
    ErrorCode.CONFLICT: 412,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.VALIDATION_ERROR: 422,
    ErrorCode.IDEMPOTENCY_KEY_REUSED: 422,
    ErrorCode.RATE_LIMITED: 429,
}
