"""The login of Django's admin, with the limits that every login has."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from web.addresses import address_of
from web.errors import TooManyRequests
from web.logins import login_attempt


class LimitedAuthenticationForm(AdminAuthenticationForm):
    """A login form at which passwords can't be guessed without end.

    Given to a site as its `login_form`.
    """

    def clean(self) -> dict[str, Any]:
        """Try the password, unless too many were wrong."""
        username = self.cleaned_data.get("username") or ""
        address = address_of(self.request) if self.request else ""
        try:
            with login_attempt(username, address) as failed:
                try:
                    return super().clean()
                except ValidationError:
                    failed()
                    raise
        except TooManyRequests as refused:
            raise ValidationError(str(refused), code=refused.code) from refused
