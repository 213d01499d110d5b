"""Responding to pages of other sites, by django-cors-headers."""

from urllib.parse import urlsplit

import structlog
from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

_MAX_QUOTED = 200  # characters of what a caller sent

logger = structlog.get_logger(__name__)


class AllowedOriginsMiddleware(CorsMiddleware):
    """The library's, but that it says why a page may not call, and which variable would let it."""

    def is_enabled(self, request: HttpRequest) -> bool:
        """Return whether it is for the library: pages of other sites name themselves."""
        return "HTTP_ORIGIN" in request.META and super().is_enabled(request)

    def check_preflight(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return the response to a browser that asks whether a page may call; else None."""
        response = super().check_preflight(request)
        refusal = response and self._refusal(request)
        if not refusal:
            return response
        logger.info("preflight_refused", reason=refusal)
        return HttpResponse(f"{refusal}\n", status=403, content_type="text/plain")

    def _refusal(self, request: HttpRequest) -> str:
        """Return why the page may not call; empty if it may."""
        origin = request.headers["Origin"]
        if not is_allowed(origin):
            return f"{_quoted(origin)} may not call: CORS_ALLOWED_ORIGINS says which origins may."
        asked = request.headers.get("Access-Control-Request-Headers", "").lower().split(",")
        refused = {name.strip() for name in asked} - {"", *settings.CORS_ALLOW_HEADERS}
        if refused:
            names = _quoted(", ".join(sorted(refused)))
            return f"These headers may not be sent: {names}. CORS_ALLOWED_HEADERS lets more in."
        method = request.headers["Access-Control-Request-Method"]
        if method not in settings.CORS_ALLOW_METHODS:
            return f"{_quoted(method)} may not be used: use GET or POST."
        return ""


def is_allowed(origin: str) -> bool:
    """Return whether pages of an origin may call."""
    try:
        return _library.origin_found_in_white_lists(origin, urlsplit(origin))
    except ValueError:
        return False


def _quoted(text: str) -> str:
    return ascii(text[:_MAX_QUOTED])


_library = CorsMiddleware(lambda request: HttpResponse())
