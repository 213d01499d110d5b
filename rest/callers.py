"""Who sends a REST request."""

from django.http import HttpRequest
from ninja.security.http import HttpAuthBase

from identity.errors import InvalidToken as TokenRefused
from identity.errors import KeysUnavailable
from identity.standing import acting
from identity.tokens import Caller, bearer_token, verify
from rest.errors import InvalidToken, NotAuthenticated, Unavailable


class Authenticated(HttpRequest):
    """A request that `BearerAuth` has let in."""

    auth: Caller


class BearerAuth(HttpAuthBase):
    """Ninja's `auth=` for operations that need a caller; `request.auth` is then a `Caller`."""

    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Caller:
        caller = caller_of(request)
        if caller is None:
            raise NotAuthenticated
        return caller


def caller_of(request: HttpRequest) -> Caller | None:
    """Return the caller that the request's token stands for, or None if it has no token.

    Raises `InvalidToken` for a token that does not hold, or whose account may not act any more:
    a bad one is never taken for none.
    """
    try:
        token = bearer_token(request.headers.get("Authorization"))
        return None if token is None else acting(verify(token))
    except TokenRefused as error:
        raise InvalidToken(str(error)) from error
    except KeysUnavailable as error:
        raise Unavailable(str(error)) from error
