"""The GraphQL schema: joins the subjects' queries and mutations."""

from collections.abc import Callable

import strawberry
from django.conf import settings
from graphql import GraphQLError
from strawberry.extensions import DisableIntrospection, ParserCache, ValidationCache
from strawberry.extensions.base_extension import SchemaExtension
from strawberry.types import ExecutionContext

from gateway.accounts import AccountMutation, AccountQuery
from gateway.costs import CostLimit
from gateway.liking import LikeMutation
from gateway.limits import OneOperation, RequestLimits, token_limit
from gateway.quotes import QuoteQuery
from gateway.writing import QuoteMutation

CACHED_DOCUMENTS = 500  # a frontend sends the same few; each takes some 50 kB


@strawberry.type(description="What can be asked.")
class Query(QuoteQuery, AccountQuery):
    """The root of queries."""


@strawberry.type(
    description="What can be done. Each answers what was changed, or an `OperationInfo` that says "
    "why nothing was; it is null, with an error, if a service is down."
)
class Mutation(AccountMutation, QuoteMutation, LikeMutation):
    """The root of mutations."""


class Schema(strawberry.Schema):
    """The schema, which leaves the telling of errors to `execution.py`."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here: the library would log a client's typing mistakes with a stack."""


def _extensions() -> list[type[SchemaExtension] | Callable[[], SchemaExtension]]:
    always: list[type[SchemaExtension] | Callable[[], SchemaExtension]] = [
        token_limit,
        RequestLimits,
        lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
        lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
        OneOperation,  # after the cache, whose errors it adds to
        CostLimit,
    ]
    return always if settings.GRAPHQL_INTROSPECTION else [DisableIntrospection, *always]


def make_schema() -> Schema:
    """Answer the schema, as the settings of now have it."""
    return Schema(query=Query, mutation=Mutation, extensions=_extensions())


schema = make_schema()
