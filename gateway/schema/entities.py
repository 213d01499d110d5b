"""The gateway as a subgraph of Apollo Federation: things that another subgraph refers to."""

from collections.abc import Sequence
from typing import Any

import strawberry
from strawberry.federation.schema import FederationAny

from gateway.batches import Batch
from gateway.context import Info, RequestContext
from gateway.errors import BadUserInput, GatewayError
from gateway.schema.ids import number_of
from gateway.schema.nodes import SOURCES


class SubgraphSchema(strawberry.federation.Schema):
    """A schema with `_service` and `_entities`, whose things are read together."""

    def entities_resolver(
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Return what each representation stands for; the library would ask for one at a time."""
        return entities(info.context, representations)


def entities(context: RequestContext, representations: Sequence[Any]) -> list[Any]:
    """Return the thing of each representation, or what is wrong with it; None if there is none."""
    wanted = [_wanted(context, each) for each in representations]
    for each in wanted:
        if isinstance(each, tuple):
            source, number = each
            source.expect([number])
    return [_read(each) for each in wanted]


_Wanted = tuple[Batch[int, Any], int] | GatewayError | None


def _wanted(context: RequestContext, representation: Any) -> _Wanted:
    known = representation if isinstance(representation, dict) else {}
    type_name, id = known.get("__typename"), known.get("id")
    if not (isinstance(type_name, str) and type_name in SOURCES and isinstance(id, str)):
        return BadUserInput(
            "A representation has a '__typename' of an entity and its 'id'.",
            argument="representations",
        )
    try:
        number = number_of(id, type_name, argument="representations")
    except BadUserInput as error:
        return error
    return None if number is None else (SOURCES[type_name](context), number)


def _read(wanted: _Wanted) -> Any:
    if not isinstance(wanted, tuple):
        return wanted
    source, number = wanted
    try:
        return source.get(number)
    except GatewayError as error:
        return error  # of this one alone
