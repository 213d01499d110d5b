"""From a parsed request to a subscription that may begin."""

from dataclasses import dataclass

from gateway.context import RequestContext
from gateway.errors import GatewayError
from gateway.execution.operation import Operation, Outcome, failure
from gateway.execution.subscriptions import Subscribed, subscribe
from gateway.live.changes import Place, place_of
from gateway.schema.quote_changes import parse_ids
from identity.tokens import Caller, expires_at


@dataclass(frozen=True)
class Opening:
    """All that is known of a subscription before it begins."""

    subscribed: Subscribed
    numbers: frozenset[int] | None
    after: Place | None
    rate_key: str
    caller: Caller | None  # None for nobody in particular, or one whose token can't be verified now
    token: str | None  # None if what is told doesn't depend on who asks
    token_ends_at: float | None
    wants_status: bool


def opening(operation: Operation, context: RequestContext) -> Opening | Outcome:
    """Return what a subscription asks for, or why it can't be had."""
    subscribed = subscribe(operation, context)
    if isinstance(subscribed, Outcome):
        return subscribed
    try:
        numbers = parse_ids(subscribed.arguments.get("ids"))
        cursor = subscribed.arguments.get("after")
        after = None if cursor is None else place_of(cursor)
    except GatewayError as error:
        refused = failure(str(error), error.code)
        refused.errors[0]["extensions"] = error.extensions
        return refused
    token = context.services.token
    return Opening(
        subscribed=subscribed,
        numbers=numbers,
        after=after,
        rate_key=context.rate_key,
        caller=context.known_caller,
        token=token if subscribed.asks_of_caller else None,
        token_ends_at=None if token is None else expires_at(token),
        wants_status=(operation.extensions or {}).get("liveStatus") is True,
    )
