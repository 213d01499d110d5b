"""What Apollo Federation is told of the types, where the gateway is a subgraph."""

from collections.abc import Sequence

from django.conf import settings
from strawberry.federation.schema_directives import Key, Shareable

# Of what other subgraphs may refer to by its id
ENTITY: Sequence[object] = (Key(fields="id"),) if settings.GRAPHQL_SUBGRAPH else ()
# Of what other subgraphs are likely to have alike, as Relay's specification has it
SHAREABLE: Sequence[object] = (Shareable(),) if settings.GRAPHQL_SUBGRAPH else ()
