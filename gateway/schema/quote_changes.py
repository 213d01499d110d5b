"""Subscriptions: what changes of quotes, as it happens. `gateway/live` serves them."""

from collections.abc import AsyncGenerator
from enum import Enum
from typing import Annotated

import strawberry

from gateway.errors import BadUserInput
from gateway.schema.ids import number_of
from gateway.schema.quotes import Quote

MAX_IDS = 100


@strawberry.enum(description="What has become of a quote.")
class QuoteChangeKind(Enum):
    """The kinds of a change. What came after one another in a short time may come as one."""

    SNAPSHOT = strawberry.enum_value("snapshot", description="Nothing: this is how it is now.")
    CREATED = strawberry.enum_value("created", description="It was written.")
    UPDATED = strawberry.enum_value("updated", description="Its text or author was changed.")
    LIKES = strawberry.enum_value("likes", description="It was liked, or no more by somebody.")
    DELETED = strawberry.enum_value("deleted", description="It is no more.")


@strawberry.type(description="What has become of a quote, and how it is now.")
class QuoteChange:
    """One message of a subscription."""

    cursor: str = strawberry.field(
        description="Opaque; for `after` of the same subscription, to go on from here."
    )
    id: strawberry.ID = strawberry.field(description="Which quote.")
    change: QuoteChangeKind = strawberry.field(description="What has become of it.")
    quote: Quote | None = strawberry.field(
        description="The quote as it is now, or null once it is deleted."
    )


@strawberry.type(description="What can be subscribed to, at the address of live subscriptions.")
class Subscription:
    """The root of subscriptions. They are executed by `gateway/live`, event by event."""

    @strawberry.subscription(
        description="Changes of quotes. Without `after`, first comes how the quotes of `ids` are;"
        " with it, what has changed since. The same state may come twice."
    )
    async def quote_changed(
        self,
        ids: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(description="Of these quotes, at most 100; of all without it."),
        ] = strawberry.UNSET,
        after: Annotated[
            str | None,
            strawberry.argument(description="The cursor of the last change that was received."),
        ] = strawberry.UNSET,
    ) -> AsyncGenerator[QuoteChange, None]:
        raise NotImplementedError("see gateway/live")
        yield  # it makes this the generator that the library expects


def parse_ids(ids: list[str] | None) -> frozenset[int] | None:
    """Return the numbers of the quotes that are asked for, or None for all of them."""
    if ids is None:
        return None
    if not 0 < len(ids) <= MAX_IDS:
        raise BadUserInput(f"'ids' must be 1 to {MAX_IDS} quotes.", argument="ids")
    found = [number_of(each, "Quote", argument="ids") for each in ids]
    numbers = frozenset(number for number in found if number is not None)
    if None in found:
        raise BadUserInput("'ids' holds what is the id of no quote.", argument="ids")
    return numbers
