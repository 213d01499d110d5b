"""Django REST framework over the tables of Quotes, as its documentation has a list with cursors."""

import os

import dj_database_url
from django.conf import settings
from django.core.wsgi import get_wsgi_application

DATABASE = dj_database_url.parse(os.environ["DATABASE_URL"])
DATABASE["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 10}}  # as ours
settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY="of-a-benchmark",  # noqa: S106 - it keeps nothing secret
    ALLOWED_HOSTS=["127.0.0.1"],
    USE_TZ=True,
    DATABASES={"default": DATABASE},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "rest_framework",
    ],
    # Those of a new project that have to do with an API.
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
    },
)
application = get_wsgi_application()

from django.db import models  # noqa: E402 - Django must be set up first
from django.urls import path  # noqa: E402
from rest_framework import generics, pagination, serializers  # noqa: E402


class User(models.Model):
    class Meta:
        app_label = "quotes_service"
        managed = False


class Quote(models.Model):
    title = models.CharField(max_length=500)
    author = models.CharField(max_length=100, blank=True)
    likes = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=1)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "quotes_service"
        managed = False


class QuoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Quote
        fields = (
            "id", "title", "author", "likes", "version", "created_by", "created_at", "updated_at",
        )  # fmt: skip


class QuotePagination(pagination.CursorPagination):
    page_size = 20
    ordering = "-id"


class QuoteList(generics.ListAPIView):
    queryset = Quote.objects.all()
    serializer_class = QuoteSerializer
    pagination_class = QuotePagination


urlpatterns = [path("quotes", QuoteList.as_view())]
