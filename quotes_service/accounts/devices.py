"""Devices on which somebody has logged in: who has one's token has known the password.

It lets nobody in. It only has the guesses made with it counted apart from those of strangers
(OWASP's Authentication Cheat Sheet calls that device cookies). It holds for a year, unless the
password is changed before.
"""

import secrets
from datetime import timedelta

from django.core import signing
from django.utils.crypto import constant_time_compare

from quotes_service.models import User
from web.names import name_key

LIFETIME = timedelta(days=365)
_SALT = "quotes_service.accounts.devices"


def device_token(user: User) -> str:
    """Return a token for a device on which this user has just logged in."""
    return signing.dumps([user.pk, secrets.token_hex(8), user.get_session_auth_hash()], salt=_SALT)


def known_device(token: str | None, username: str) -> str | None:
    """Return the name of the device, if its token is of the account that is named so."""
    try:
        user_id, device, password = signing.loads(token or "", salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError):
        return None
    user = User.objects.filter(id=user_id).first()
    if user is None or name_key(user.username) != name_key(username):
        return None
    same_password = constant_time_compare(password, user.get_session_auth_hash())
    return f"{user_id} {device}" if same_password else None
