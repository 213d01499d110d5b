"""The pages for people, what they may load, and what is said where there is no page."""

import re
from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from gateway.web.static_files import page_modules

# Live subscriptions may have another address than the gateway.
_LIVE = " ".join(["'self'", *re.findall(r"\A[a-z]+://[^/]+", settings.LIVE_URL)])
_FROM_HERE_ALONE = (
    "default-src 'none'",
    "script-src 'self'",
    f"connect-src {_LIVE}",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
# No text can become markup: browsers that know trusted types refuse what would parse it.
PAGE_POLICY = "; ".join(
    (
        *_FROM_HERE_ALONE,
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
# The editor of GraphiQL writes styles of its own into the page.
GRAPHIQL_POLICY = "; ".join(
    (
        *_FROM_HERE_ALONE,
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "form-action 'self'",
    )
)


def page(request: HttpRequest, values: Mapping[str, object], status: int) -> HttpResponse:
    """Return the page for people, with what `places.py` has found."""
    of_every_page = {
        "modules": page_modules(),
        "for_developers": settings.GRAPHIQL,  # elsewhere the services' addresses are nobody's
        "quotes_url": settings.QUOTES_URL,
        "likes_url": settings.LIKES_URL,
        "live_url": settings.LIVE_URL,
    }
    response = _page(request, "index.html", {**of_every_page, **values}, PAGE_POLICY)
    response.status_code = status
    return response


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Return where the icon is, to browsers that look for it on their own."""
    return redirect(static("gateway/icon.svg"))


def graphiql(request: HttpRequest) -> HttpResponse:
    """Return GraphiQL, where it is shown."""
    if not settings.GRAPHIQL:
        return not_found(request)
    return _page(request, "graphql/graphiql.html", {"live_url": settings.LIVE_URL}, GRAPHIQL_POLICY)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return a request that Django refuses, such as one for a host that is not ours."""
    return HttpResponse("This request is not served here.\n", status=400, content_type="text/plain")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return for an address that the gateway doesn't have."""
    return HttpResponse("There is nothing here.\n", status=404, content_type="text/plain")


def server_error(request: HttpRequest) -> HttpResponse:
    """Return for a fault outside of GraphQL; Django has logged it."""
    return HttpResponse("Something went wrong here.\n", status=500, content_type="text/plain")


def _page(
    request: HttpRequest, template: str, values: Mapping[str, object], policy: str
) -> HttpResponse:
    response = render(request, template, dict(values))
    response["Content-Security-Policy"] = policy
    response["Cache-Control"] = "no-cache"  # what it loads has other names after an upgrade
    return response
