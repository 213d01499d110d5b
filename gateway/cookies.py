"""The cookies of a browser whose pages log in here: what their scripts must not be able to read.

They are sent to the one address that logs in, refreshes and logs out, and never by a page of
another site. What is in them authorises nothing but the refresh.
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PATH = "/graphql/session"
REFRESH = "refresh_token"
DEVICE = "device_token"
# Longer than Quotes knows a device: which one is known is for Quotes to say.
DEVICE_LIFETIME = timedelta(days=365)


class BrowserCookies:
    """What a browser has sent, and what it is to keep from now on."""

    def __init__(self, request: HttpRequest) -> None:
        self.refresh_token = request.COOKIES.get(REFRESH) or None
        self.device_token = request.COOKIES.get(DEVICE) or None
        self._secure = request.is_secure() or settings.SECURE_COOKIES
        self._kept: dict[str, tuple[str, timedelta]] = {}

    def keep_refresh_token(self, token: str, expires_at: datetime) -> None:
        """Have the browser keep it for as long as it holds."""
        self.refresh_token = token
        self._kept[REFRESH] = token, expires_at - datetime.now(UTC)

    def keep_device_token(self, token: str) -> None:
        """Have the browser keep it for the next login."""
        self._kept[DEVICE] = token, DEVICE_LIFETIME

    def forget_refresh_token(self) -> None:
        """Have the browser forget it."""
        self.refresh_token = None
        self._kept[REFRESH] = "", timedelta(0)

    def write(self, response: HttpResponse) -> None:
        """Tell the browser with a response."""
        for name, (value, age) in self._kept.items():
            response.set_cookie(
                name,
                value,
                max_age=max(age, timedelta(0)),
                path=PATH,
                secure=self._secure,
                httponly=True,
                samesite="Strict",
            )
