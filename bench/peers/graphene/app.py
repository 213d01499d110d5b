"""graphene-django, with its parser and validator behind caches."""

from functools import lru_cache

import django
import graphene
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path

settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY="of-a-benchmark",  # noqa: S106 - it keeps nothing secret
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["graphene_django"],
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware"],
)
django.setup()

from graphene_django import views  # noqa: E402 - it reads the settings
from services import Services  # noqa: E402 - beside it

views.parse = lru_cache(500)(views.parse)
_validate = views.validate
_validated = lru_cache(500)(lambda schema, document: _validate(schema, document))
views.validate = lambda schema, document, *others, **named: _validated(schema, document)


class Quote(graphene.ObjectType):
    id = graphene.ID(required=True)
    title = graphene.String(required=True)
    author = graphene.String()
    likes = graphene.Int(required=True)
    liked_by_me = graphene.Boolean()
    created_at = graphene.String(required=True)

    def resolve_liked_by_me(self, info):
        return info.context.services.liked(self["id"])


class QuoteEdge(graphene.ObjectType):
    cursor = graphene.String(required=True)
    node = graphene.Field(Quote, required=True)


class PageInfo(graphene.ObjectType):
    has_next_page = graphene.Boolean(required=True)
    end_cursor = graphene.String()

    def resolve_has_next_page(self, info):
        return self["hasNextPage"]

    def resolve_end_cursor(self, info):
        return self["endCursor"]


class QuoteConnection(graphene.ObjectType):
    edges = graphene.List(graphene.NonNull(QuoteEdge), required=True)
    page_info = graphene.Field(PageInfo, required=True)

    def resolve_page_info(self, info):
        return self["pageInfo"]


class Query(graphene.ObjectType):
    quotes = graphene.Field(QuoteConnection, first=graphene.Int())

    def resolve_quotes(self, info, first=20):
        info.context.services = Services(info.context.META.get("HTTP_AUTHORIZATION"))
        return info.context.services.quotes(first)


view = views.GraphQLView.as_view(schema=graphene.Schema(query=Query))
view.csrf_exempt = True
urlpatterns = [path("graphql", view)]
application = get_wsgi_application()
