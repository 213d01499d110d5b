"""What people change of their own account. Whoever only has their token can't take it over."""

import structlog
from django.db import transaction

from identity.tokens import Caller
from quotes_service import domain
from quotes_service.accounts import sessions
from quotes_service.accounts.credentials import check_email, check_new_password
from quotes_service.models import User
from rest.errors import FieldError, InvalidToken, Unprocessable
from web.logins import login_attempt

logger = structlog.get_logger(__name__)


def change_password(*, caller: Caller, address: str, old: str, new: str) -> User:
    """Change the password, which ends all tokens until now, and the caller's other sessions.

    Raise `Unprocessable` if the old one is wrong, or the new one against the rules.
    """
    user = _confirmed(caller, address, "old_password", old)
    check_new_password(new, user, field="new_password")
    confirmed = user.password
    user.set_password(new)
    with transaction.atomic():
        stored = User.objects.select_for_update(no_key=True).filter(id=user.pk).first()
        # Of two changes at once, the second has not confirmed what the first has made of it.
        if stored is None or stored.password != confirmed:
            raise _wrong("old_password")
        user.save(update_fields=["password"])
        sessions.go_on_alone(user, caller.session_id)
    logger.info("password_changed", user_id=user.pk)
    return user


def change_email(*, caller: Caller, email: str) -> User:
    """Change the e-mail address; empty for none. Raise `Unprocessable` if it is none."""
    user = _own(caller)
    user.email = User.objects.normalize_email(email)
    check_email(user)
    User.objects.filter(id=user.pk).update(email=user.email)
    logger.info("email_changed", user_id=user.pk)
    return user


def delete_account(*, caller: Caller, address: str, password: str) -> User:
    """Delete the account and return it as it was. Raise `Unprocessable` for a wrong password."""
    user = _confirmed(caller, address, "password", password)
    domain.delete_user(user_id=user.pk)
    logger.info("account_deleted", user_id=user.pk)
    return user


def _confirmed(caller: Caller, address: str, field: str, password: str) -> User:
    """Return the caller's account if that is its password. A wrong one counts as a guess."""
    user = _own(caller)
    # A session is a known device: strangers' guesses don't keep its user from what is theirs.
    device = None if caller.session_id is None else f"session {caller.session_id}"
    with login_attempt(user.username, address, device) as failed:
        if not user.check_password(password):
            failed()
            logger.warning("password_not_confirmed", user_id=user.pk)
            raise _wrong(field)
    return user


def _own(caller: Caller) -> User:
    user = User.objects.filter(id=caller.user_id).first()
    if user is None:
        raise InvalidToken("The account of this token is not active.")
    return user


def _wrong(field: str) -> Unprocessable:
    message = "The password is wrong."
    return Unprocessable(message, errors=[FieldError(field, "invalid_credentials", message)])
