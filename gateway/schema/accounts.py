"""Users: who they are, registering and logging in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import strawberry
import strawberry_django
from strawberry_django.fields.types import OperationInfo

from gateway.batches import Batch
from gateway.context import Info, RequestContext
from gateway.errors import Refusal, query_error
from gateway.schema.refusals import given, refusals_as_data
from gateway.upstream.services import QUOTES
from gateway.upstream.shapes import (
    AnsweredLogin,
    AnsweredRegistration,
    AnsweredToken,
    AnsweredUser,
    AnsweredUsers,
)


@strawberry.type(description="Somebody with an account.")
class User:
    """A user, as anybody may see them."""

    id: strawberry.ID = strawberry.field(description="Opaque; the same for ever.")
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


def user_of(answer: AnsweredUser) -> User:
    """Answer the user that Quotes has told."""
    return User(
        id=strawberry.ID(str(answer.id)), username=answer.username, joined_at=answer.joined_at
    )


def users(context: RequestContext) -> Batch[int, User]:
    """Answer this request's users by their id."""
    return context.batch(_fetch_users)


def _fetch_users(context: RequestContext, ids: list[int]) -> Mapping[int, User]:
    params = {"id": ",".join(map(str, ids)), "limit": len(ids)}
    answer = context.read(QUOTES, "/users", AnsweredUsers, params)
    return {item.id: user_of(item) for item in answer.items}


def _login(answer: AnsweredToken | AnsweredRegistration, user: AnsweredUser) -> LoginPayload:
    return LoginPayload(token=answer.token, expires_at=answer.expires_at, user=user_of(user))


@strawberry.type
class AccountQuery:
    """What can be asked about accounts."""

    @strawberry.field(description="Who the token stands for; null without a token.")
    def me(self, info: Info) -> User | None:
        caller = info.context.caller
        if caller is None:
            return None
        try:
            answer = info.context.services.get(QUOTES, f"/users/{caller.user_id}", AnsweredUser)
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise query_error(QUOTES, refusal) from refusal
        return user_of(answer)


@strawberry.type
class AccountMutation:
    """What can be done with accounts."""

    @strawberry_django.mutation(
        handle_django_errors=True, description="Make an account, and log in to it."
    )
    @refusals_as_data
    def register(
        self,
        info: Info,
        input: Annotated[RegisterInput, strawberry.argument(description="The new account.")],
    ) -> LoginResult | None:
        payload = given(username=input.username, password=input.password, email=input.email)
        if payload.get("email", "") is None:
            del payload["email"]
        answer = info.context.services.send(
            QUOTES, "POST", "/users", AnsweredRegistration, payload, anonymous=True
        )
        return _login(answer, answer)

    @strawberry_django.mutation(
        handle_django_errors=True, description="Obtain a token for an account."
    )
    @refusals_as_data
    def login(
        self,
        info: Info,
        input: Annotated[LoginInput, strawberry.argument(description="Who wants to log in.")],
    ) -> LoginResult | None:
        payload = {"username": input.username, "password": input.password}
        answer = info.context.services.send(
            QUOTES, "POST", "/tokens", AnsweredLogin, payload, anonymous=True
        )
        return _login(answer, answer.user)
