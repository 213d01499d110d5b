"""The gateway's addresses."""

from django.conf import settings
from django.urls import path
from django.views.generic import RedirectView

from gateway import views

handler400 = views.bad_request
handler404 = views.not_found
handler500 = views.server_error

urlpatterns = [
    path("graphql", views.graphql),  # first, since it is asked for most
    path("graphql/", views.graphql),
    path("", views.index),
    # Where browsers look for the icon of what has no page to name one, such as /healthz
    path(
        "favicon.ico",
        RedirectView.as_view(url=f"/{settings.STATIC_URL.strip('/')}/gateway/icon.svg"),
    ),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
]
