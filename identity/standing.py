"""Whether the caller of a token may act: what is known of their account, beside the token."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.module_loading import import_string

from identity import conf
from identity.errors import InvalidToken
from identity.tokens import Caller


@dataclass(frozen=True)
class Standing:
    """What is known of an account. One that was deleted is not active."""

    active: bool
    staff: bool = False
    valid_from: datetime | None = None


GONE = Standing(active=False)
NOT_ACTIVE = "The account of this token is not active."
ENDED = "The token has been ended. Log in again."


def acting(caller: Caller) -> Caller:
    """Return the caller as `ACCOUNT_STANDING` knows their account now. Raises as `admitted`."""
    path = conf.account_standing()
    return admitted(caller, import_string(path)(caller.user_id)) if path else caller


def admitted(caller: Caller, standing: Standing | None) -> Caller:
    """Return the caller as their account is now, and not as the token was signed.

    An account of which nothing is known is judged by the token alone. Raises `InvalidToken` if
    the account may not act any more, or if this token of it was ended.
    """
    if standing is None:
        return caller
    if not standing.active:
        raise InvalidToken(NOT_ACTIVE)
    if standing.valid_from is not None and caller.issued_at < standing.valid_from:
        raise InvalidToken(ENDED)
    return replace(caller, staff=standing.staff)
