"""The addresses of Likes."""

from django.contrib import admin
from django.urls import path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from database.readiness import database_answers
from likes_service.api import api
from likes_service.clients import quotes_is_alive
from rest.restored import history
from web.admin import LimitedAuthenticationForm
from web.health import healthz, readyz

admin.autodiscover()
admin.site.site_header = admin.site.site_title = "Likes"
admin.site.site_url = None
admin.site.login_form = LimitedAuthenticationForm

CHECKS = {"database": database_answers, "history": history, "quotes": quotes_is_alive}
urlpatterns = [
    path("healthz", require_safe(healthz)),
    path("readyz", require_safe(readyz(CHECKS))),
    path("admin/", admin.site.urls),
    path("flow", RedirectView.as_view(pattern_name="admin:messaging_journalentry_changelist")),
    path("", api.urls),
]
handler400 = "rest.problems.handler400"
handler403 = "rest.problems.handler403"
handler404 = "rest.problems.handler404"
handler500 = "rest.problems.handler500"
