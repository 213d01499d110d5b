"""The GraphQL schema: joins the subjects' queries and mutations."""

import strawberry
from graphql import GraphQLSchema

from gateway.schema.accounts import AccountMutation, AccountQuery
from gateway.schema.like_mutations import LikeMutation
from gateway.schema.quote_mutations import QuoteMutation
from gateway.schema.quotes import QuoteQuery


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
    """The schema; it is executed by `execution.py`, not by the library's own methods."""

    @property
    def graphql(self) -> GraphQLSchema:
        """The schema as graphql-core has it."""
        return self._schema


schema = Schema(query=Query, mutation=Mutation)
