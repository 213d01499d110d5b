"""Who may write here: those with a token whose account is still active."""

from django.http import HttpRequest

from identity.errors import InvalidToken as TokenRefused
from identity.standing import admitted
from identity.tokens import Caller
from quotes_service.standing import standing_of
from rest.callers import BearerAuth, caller_of
from rest.errors import InvalidToken


class Authenticated(HttpRequest):
    """A request that `ActiveCaller` has let in."""

    auth: Caller


class ActiveCaller(BearerAuth):
    """Asks the database too: a token outlives the account's deactivation, a write must not."""

    def __call__(self, request: HttpRequest) -> Caller:
        return still_active(super().__call__(request))


def viewer_of(request: HttpRequest) -> Caller | None:
    """Return who reads, if they say so. One who claims to be staff is looked up."""
    caller = caller_of(request)
    return still_active(caller) if caller is not None and caller.staff else caller


def still_active(caller: Caller) -> Caller:
    """Return the caller as the database knows them now. Raises `InvalidToken`."""
    try:
        return admitted(caller, standing_of(caller.user_id))
    except TokenRefused as error:
        raise InvalidToken(str(error)) from error
