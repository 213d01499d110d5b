"""Who may write here: those with a token whose account is still active."""

from django.http import HttpRequest

from identity.tokens import Caller
from quotes_service.accounts import still_active
from rest.callers import BearerAuth, caller_of


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
