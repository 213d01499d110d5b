"""The gateway's addresses."""

from django.urls import path

from gateway import views

handler400 = views.bad_request
handler404 = views.not_found
handler500 = views.server_error

urlpatterns = [
    path("", views.index),
    path("graphql", views.graphql),
    path("graphql/", views.graphql),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
]
