"""Ariadne on WSGI, with its parser and validator behind caches."""

import os
from functools import lru_cache
from pathlib import Path

from ariadne import ObjectType, QueryType, make_executable_schema
from ariadne.wsgi import GraphQL
from graphql import parse, validate
from services import Services

query = QueryType()
quote = ObjectType("Quote")
query.set_field("quotes", lambda _, info, first=20, **others: info.context.quotes(first))
quote.set_field("likedByMe", lambda item, info: info.context.liked(item["id"]))
quote.set_field("createdAt", lambda item, info: item["created_at"])

parsed = lru_cache(500)(lambda text: parse(text))
validated = lru_cache(500)(lambda schema, document: validate(schema, document))

application = GraphQL(
    make_executable_schema(Path(os.environ["SCHEMA"]).read_text(), query, quote),
    context_value=lambda environ, data=None: Services(environ.get("HTTP_AUTHORIZATION")),
    query_parser=lambda context, data: parsed(data["query"]),
    query_validator=lambda schema, document, *others, **named: validated(schema, document),
)
