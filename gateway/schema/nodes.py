"""Anything that has an id, asked for by it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import strawberry

from gateway.batches import MAX_KEYS, Batch
from gateway.context import Info, RequestContext
from gateway.errors import BadUserInput
from gateway.schema.accounts import users
from gateway.schema.ids import Node, parse_id
from gateway.schema.quotes import quotes

# What reads the things of each type, by their numbers.
SOURCES: Mapping[str | None, Callable[[RequestContext], Batch[int, Any]]] = {
    "Quote": quotes,
    "User": users,
}


@strawberry.type
class NodeQuery:
    """What can be asked by ids alone."""

    @strawberry.field(
        description="What has this `id`; null if nothing has, or if it is a bare number, which "
        "doesn't say of what."
    )
    def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Of what.")],
    ) -> Node | None:
        return _nodes(info.context, [id])[0]

    @strawberry.field(
        description="What has each of these `ids`, in their order; null where nothing has."
    )
    def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description=f"Of what: up to {MAX_KEYS} ids."),
        ],
    ) -> list[Node | None] | None:
        if len(ids) > MAX_KEYS:
            raise BadUserInput(f"'ids' may hold at most {MAX_KEYS} ids.", argument="ids")
        return _nodes(info.context, ids)


def _nodes(context: RequestContext, ids: list[strawberry.ID]) -> list[Node | None]:
    """Return what has each id; those of one type are read together."""
    wanted = [
        (SOURCES[each.type_name](context), each.number)
        if (each := parse_id(id)) and each.type_name in SOURCES
        else None
        for id in ids
    ]
    for source, number in filter(None, wanted):
        source.expect([number])
    return [each and each[0].get(each[1]) for each in wanted]
