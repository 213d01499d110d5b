"""The addresses of Quotes."""

from django.contrib import admin
from django.urls import path
from django.views.decorators.http import require_safe

from database.pools import read_pool
from database.readiness import database_answers
from observability.metrics import read_when_asked
from quotes_service.accounts.tokens import jwks_view
from quotes_service.api import api
from rest.restored import history, read_history
from web.admin import LimitedAuthenticationForm
from web.health import healthz, metrics, readyz

read_when_asked(read_pool)
read_when_asked(read_history)
admin.autodiscover()
admin.site.site_header = admin.site.site_title = "Quotes"
admin.site.site_url = None
admin.site.login_form = LimitedAuthenticationForm

urlpatterns = [
    path("healthz", require_safe(healthz)),
    path("readyz", require_safe(readyz({"database": database_answers, "history": history}))),
    path("metrics", require_safe(metrics)),
    path(".well-known/jwks.json", require_safe(jwks_view)),
    path("admin/", admin.site.urls),
    path("", api.urls),
]
handler400 = "rest.problems.handler400"
handler403 = "rest.problems.handler403"
handler404 = "rest.problems.handler404"
handler500 = "rest.problems.handler500"
