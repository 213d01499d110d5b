"""How a name and a password become an account, for REST and for the admin alike."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from quotes_service.models import User


class AccountBackend(ModelBackend):
    """Takes a name in any spelling and a password in any Unicode form.

    Django's own hashes once for an unknown name, and so would tell it from a wrong password of
    which both forms are tried.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the account of these credentials, or `None`."""
        if username is None or password is None:
            return None
        try:
            user = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            user = User(password=make_password(None))
        may_enter = user.check_password(password) and self.user_can_authenticate(user)
        return user if may_enter else None
