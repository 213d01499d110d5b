"""Users: who they are, registering and logging in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import strawberry

from gateway.batches import Batch
from gateway.context import Info, RequestContext
from gateway.error_codes import ErrorCode
from gateway.errors import Refusal, query_error
from gateway.schema.ids import Node, global_id
from gateway.schema.refusals import OperationInfo, given, mutation
from gateway.upstream.services import QUOTES
from gateway.upstream.shapes import (
    LoginShape,
    RegistrationShape,
    TokenShape,
    UserShape,
    UsersShape,
)


@strawberry.type(description="Somebody with an account.")
class User(Node):
    """A user, as anybody may see them."""

    number: strawberry.Private[int]
    username: str = strawberry.field(description="The name that they log in with.")
    joined_at: datetime = strawberry.field(description="When they registered.")


@strawberry.type(description="Somebody is logged in now.")
class LoginPayload:
    """What a client needs to act as a user."""

    token: str = strawberry.field(
        description="Send it as `Authorization: Bearer <token>` with each request."
    )
    expires_at: datetime = strawberry.field(description="When the token stops working.")
    user: User = strawberry.field(description="Who is logged in.")


LoginResult = Annotated[
    LoginPayload | OperationInfo,
    strawberry.union("LoginResult", description="A login, or why there is none."),
]


@strawberry.input(description="A new account.")
class RegisterInput:
    """The input of `register`."""

    username: str = strawberry.field(
        description="1 to 150 letters, digits and `@ . + - _`; nobody else's."
    )
    password: str = strawberry.field(
        description="At least 8 characters, not all digits, and not a common one."
    )
    email: str | None = strawberry.field(
        default=strawberry.UNSET, description="Shown to nobody but the user and staff."
    )


@strawberry.input(description="The credentials of an account.")
class LoginInput:
    """The input of `login`."""

    username: str = strawberry.field(description="The name that was registered.")
    password: str = strawberry.field(description="The password that was registered.")


def user_of(decoded: UserShape) -> User:
    """Return the user that Quotes has shape."""
    return User(
        id=global_id("User", decoded.id),
        number=decoded.id,
        username=decoded.username,
        joined_at=decoded.joined_at,
    )


def users(context: RequestContext) -> Batch[int, User]:
    """Return this request's users by their id."""
    return context.batch(_fetch_users)


def _fetch_users(context: RequestContext, ids: list[int]) -> Mapping[int, User]:
    params = {"id": ",".join(map(str, ids)), "limit": len(ids)}
    decoded = context.read(QUOTES, "/users", UsersShape, params)
    return {item.id: user_of(item) for item in decoded.items}


def _login(decoded: TokenShape | RegistrationShape, user: UserShape) -> LoginPayload:
    return LoginPayload(token=decoded.token, expires_at=decoded.expires_at, user=user_of(user))


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
        return user_of(decoded)


@strawberry.type
class AccountMutation:
    """What can be done with accounts."""

    @mutation(description="Make an account, and log in to it.")
    def register(
        self,
        info: Info,
        input: Annotated[RegisterInput, strawberry.argument(description="The new account.")],
    ) -> LoginResult | None:
        payload = given(username=input.username, password=input.password, email=input.email)
        if payload.get("email", "") is None:
            del payload["email"]
        decoded = info.context.services.send(
            QUOTES, "POST", "/users", RegistrationShape, payload, anonymous=True
        )
        return _login(decoded, decoded)

    @mutation(description="Obtain a token for an account.")
    def login(
        self,
        info: Info,
        input: Annotated[LoginInput, strawberry.argument(description="Who wants to log in.")],
    ) -> LoginResult | None:
        payload = {"username": input.username, "password": input.password}
        decoded = info.context.services.send(
            QUOTES, "POST", "/tokens", LoginShape, payload, anonymous=True
        )
        return _login(decoded, decoded.user)
