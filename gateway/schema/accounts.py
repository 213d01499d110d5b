"""Users: who they are, and what they see of themselves alone."""

from collections.abc import Mapping
from datetime import datetime

import strawberry

from gateway.batches import Batch
from gateway.context import Info, RequestContext
from gateway.error_codes import ErrorCode
from gateway.errors import Refusal, query_error
from gateway.schema.ids import Node, global_id
from gateway.upstream.services import QUOTES
from gateway.upstream.shapes import (
    RegistrationShape,
    SessionShape,
    SessionsShape,
    UserShape,
    UsersShape,
)


@strawberry.type(description="A login that goes on, on one device.")
class Session:
    """A session, as its user sees it."""

    id: strawberry.ID = strawberry.field(description="To end it by.")
    created_at: datetime = strawberry.field(description="When the user logged in.")
    last_used_at: datetime = strawberry.field(
        description="When it was refreshed last, which its client does every quarter of an hour."
    )
    current: bool = strawberry.field(description="Whether the request was made in it.")


@strawberry.type(description="Somebody with an account.")
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
