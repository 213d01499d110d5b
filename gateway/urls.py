"""The gateway's addresses."""

from functools import partial

from django.urls import path
from django.views.decorators.http import require_safe

from gateway import cookies
from gateway.upstream.services import LIKES, QUOTES, is_alive
from gateway.web import pages, places, views
from web.health import healthz, metrics, readyz

services_answer = {service: partial(is_alive, service) for service in (QUOTES, LIKES)}
handler400 = pages.bad_request
handler404 = pages.not_found
handler500 = pages.server_error

urlpatterns = [
    path("graphql", views.graphql),  # first, since it is asked for most
    path("graphql/", views.graphql),
    path(cookies.PATH.removeprefix("/"), views.graphql_session),
    path("", places.quotes),
    path("quotes/<int:number>", places.quote),
    path("@<str:username>", places.person),
    path("@<str:username>/likes", places.likes),
    # Where browsers look for the icon of what has no page to name one, such as /healthz
    path("favicon.ico", pages.icon),
    path("healthz", require_safe(healthz)),
    path("readyz", require_safe(readyz(services_answer))),
    path("metrics", require_safe(metrics)),
]
