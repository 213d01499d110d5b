"""Users: who they are, and what they see of themselves alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.batches import Batch
from gateway.context import Info, RequestContext
from gateway.error_codes import ErrorCode
from gateway.errors import BadUserInput, Refusal, query_error
from gateway.schema.federation import ENTITY
from gateway.schema.ids import Node, global_id, number_of
from gateway.schema.pagination import After, Before, First, Last, page_arguments
from gateway.schema.quote_order import OrderBy, QuoteOrder
from gateway.upstream.services import QUOTES
from gateway.upstream.shapes import (
    RegistrationShape,
    SessionShape,
    SessionsShape,
    UserShape,
    UsersShape,
)

if TYPE_CHECKING:
    from gateway.schema.quotes import QuoteConnection

MAX_USERNAME = 150  # characters; what Quotes takes


@strawberry.type(description="A login that goes on, on one device.")
class Session:
    """A session, as its user sees it."""

    id: strawberry.ID = strawberry.field(description="To end it by.")
    created_at: datetime = strawberry.field(description="When the user logged in.")
    last_used_at: datetime = strawberry.field(
        description="When it was refreshed last, which its client does every quarter of an hour."
    )
    current: bool = strawberry.field(description="Whether the request was made in it.")


@strawberry.type(description="Somebody with an account.", directives=ENTITY)
class User(Node):
    """A user, as anybody may see them."""

    number: strawberry.Private[int]
    username: str = strawberry.field(description="The name that they log in with.")
    joined_at: datetime = strawberry.field(description="When they registered.")
    email: str | None = strawberry.field(
        default=None,
        description="Their e-mail address, for themselves and staff; null for others, or if they "
        "have given none.",
    )
    asked_for_as_me: strawberry.Private[bool] = False

    @strawberry.field(
        description="The sessions of whoever asks, the last used first: of `me` alone, else null."
    )
    def sessions(self, info: Info) -> list[Session] | None:
        if not self.asked_for_as_me:
            return None
        return info.context.batch(_fetch_own_sessions).get(self.number)

    @strawberry.field(description="What they wrote here; null if Quotes is down.")
    def quotes(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        order_by: OrderBy = QuoteOrder.NEWEST,
    ) -> Annotated["QuoteConnection", strawberry.lazy("gateway.schema.quotes")] | None:
        # The graph goes round: a quote has a user, and a user has quotes.
        from gateway.schema import quote_lists

        arguments = page_arguments(first, after, last, before)
        order = order_by or QuoteOrder.NEWEST
        return quote_lists.quotes_of(info.context, self.number, arguments, order)

    @strawberry.field(
        description="What they like, the newest like first; null if a service is down."
    )
    def liked_quotes(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Annotated["QuoteConnection", strawberry.lazy("gateway.schema.quotes")] | None:
        from gateway.schema import quote_lists

        arguments = page_arguments(first, after, last, before)
        return quote_lists.liked_quotes_of(info.context, self.number, arguments)


def user_of(decoded: UserShape | RegistrationShape, *, me: bool = False) -> User:
    """Return the user that Quotes has told of."""
    return User(
        id=global_id("User", decoded.id),
        number=decoded.id,
        username=decoded.username,
        joined_at=decoded.joined_at,
        email=decoded.email or None,
        asked_for_as_me=me,
    )


def users(context: RequestContext) -> Batch[int, User]:
    """Return this request's users by their id."""
    return context.batch(_fetch_users)


def _fetch_users(context: RequestContext, ids: list[int]) -> Mapping[int, User]:
    params = {"id": ",".join(map(str, ids)), "limit": len(ids)}
    decoded = context.read(QUOTES, "/users", UsersShape, params)
    context.users_seen.see(item.id for item in decoded.items)
    return {item.id: user_of(item) for item in decoded.items}


def _fetch_own_sessions(context: RequestContext, ids: list[int]) -> Mapping[int, list[Session]]:
    found = context.read(QUOTES, "/sessions", SessionsShape, {})
    return {ids[0]: [_session(item) for item in found.items]}


def _session(decoded: SessionShape) -> Session:
    return Session(
        id=global_id("Session", decoded.id),
        created_at=decoded.created_at,
        last_used_at=decoded.last_used_at,
        current=decoded.current,
    )


@strawberry.type
class AccountQuery:
    """What can be asked about accounts."""

    @strawberry.field(description="Who the token stands for; null without a token.")
    def me(self, info: Info) -> User | None:
        caller = info.context.caller
        if caller is None:
            return None
        try:
            decoded = info.context.services.get(QUOTES, f"/users/{caller.user_id}", UserShape)
        except Refusal as refusal:
            if refusal.code is ErrorCode.NOT_FOUND:
                return None
            raise query_error(QUOTES, refusal) from refusal
        return user_of(decoded, me=True)

    @strawberry.field(
        description="One user, by either `id` or `username`; null if there is none of that."
    )
    def user(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Which user.")
        ] = strawberry.UNSET,
        username: Annotated[
            str | None,
            strawberry.argument(
                description="The name that they log in with, in any case and Unicode form."
            ),
        ] = strawberry.UNSET,
    ) -> User | None:
        if (id is None or id is strawberry.UNSET) == (not isinstance(username, str)):
            raise BadUserInput("Give either 'id' or 'username'.", argument="id")
        if not isinstance(username, str):
            number = number_of(str(id), "User", argument="id")
            return None if number is None else users(info.context).get(number)
        if not 1 <= len(username.strip()) <= MAX_USERNAME:
            return None
        decoded = info.context.read(QUOTES, "/users", UsersShape, {"username": username})
        info.context.users_seen.see(item.id for item in decoded.items)
        return user_of(decoded.items[0]) if decoded.items else None
