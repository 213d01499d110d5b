"""The addresses of Likes."""

from django.contrib import admin
from django.urls import path
from django.views.decorators.http import require_safe

from database.pools import read_pool
from database.readiness import database_answers
from likes_service.api import api
from likes_service.clients import quotes_is_alive
from observability.metrics import read_when_asked
from rest.restored import history, read_history
from web.admin import LimitedAuthenticationForm
from web.health import healthz, metrics, readyz

read_when_asked(read_pool)
read_when_asked(read_history)
admin.autodiscover()
admin.site.site_header = admin.site.site_title = "Likes"
admin.site.site_url = None
admin.site.login_form = LimitedAuthenticationForm

CHECKS = {"database": database_answers, "history": history, "quotes": quotes_is_alive}
urlpatterns = [
    path("healthz", require_safe(healthz)),
    path("readyz", require_safe(readyz(CHECKS))),
    path("metrics", require_safe(metrics)),
    path("admin/", admin.site.urls),
    path("", api.urls),
]
handler400 = "rest.problems.handler400"
handler403 = "rest.problems.handler403"
handler404 = "rest.problems.handler404"
handler500 = "rest.problems.handler500"
