"""The addresses of the live process."""

from collections.abc import Callable
from functools import partial

from django.urls import path
from django.views.decorators.http import require_safe

from gateway.live import views
from gateway.upstream.services import LIKES, QUOTES, is_alive
from gateway.web import pages
from web.health import healthz, metrics, readyz

handler400 = pages.bad_request
handler404 = pages.not_found
handler500 = pages.server_error


def _not_yet() -> bool:
    return False


# Whether the log is read; the application puts its own in place.
following: Callable[[], bool] = _not_yet
checks: dict[str, Callable[[], bool]] = {
    "log": lambda: following(),
    **{service: partial(is_alive, service) for service in (QUOTES, LIKES)},
}
urlpatterns = [
    path("graphql", views.graphql),
    path("graphql/", views.graphql),
    path("healthz", require_safe(healthz)),
    path("readyz", require_safe(readyz(checks))),
    path("metrics", require_safe(metrics)),
]
