"""The GraphQL schema: joins the subjects' queries and mutations."""

from typing import Any

import strawberry
from django.conf import settings
from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter

from gateway.schema.account_mutations import AccountMutation
from gateway.schema.accounts import AccountQuery
from gateway.schema.entities import SubgraphSchema
from gateway.schema.like_mutations import LikeMutation
from gateway.schema.nodes import NodeQuery
from gateway.schema.quote_changes import Subscription
from gateway.schema.quote_lists import QuoteListQuery
from gateway.schema.quote_mutations import QuoteMutation
from gateway.schema.quotes import QuoteQuery
from gateway.schema.scalars import SCALARS
from gateway.schema.session_mutations import SessionMutation


@strawberry.type(description="What can be asked.")
class Query(QuoteListQuery, QuoteQuery, AccountQuery, NodeQuery):
    """The root of queries."""


@strawberry.type(
    description="What can be done. Each answers what was changed, or an `OperationInfo` that says "
    "why nothing was; it is null, with an error, if a service is down."
)
class Mutation(SessionMutation, AccountMutation, QuoteMutation, LikeMutation):
    """The root of mutations."""


class Schema(SubgraphSchema if settings.GRAPHQL_SUBGRAPH else strawberry.Schema):  # type: ignore[misc]  # one of two
    """The schema; it is executed by `execute.py`, not by the library's own methods."""

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        described = self.graphql.type_map["__Type"]
        if isinstance(described, GraphQLObjectType):
            described.fields["isOneOf"].resolve = _is_one_of

    @property
    def graphql(self) -> GraphQLSchema:
        """The schema as graphql-core has it."""
        return self._schema


def _is_one_of(described: object, info: object) -> bool:
    """Return what introspection says; the library's own fails for lists and for non-null types."""
    known = getattr(described, "extensions", {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return bool(getattr(known, "is_one_of", False))


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=dict(SCALARS)),
)
