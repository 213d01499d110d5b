"""Users: who they are, registering and logging in."""

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
from gateway.schema.refusals import OperationInfo, given, mutation
from gateway.upstream.services import QUOTES
from gateway.upstream.shapes import (
    LoginShape,
    RegistrationShape,
    TokenShape,
    UserShape,
    UsersShape,
)

MAX_USERNAME = 150  # characters; what Quotes takes

if TYPE_CHECKING:
    from gateway.schema.quotes import QuoteConnection, QuoteOrder


@strawberry.type(description="Somebody with an account.", directives=ENTITY)
class User(Node):
    """A user, as anybody may see them."""

    number: strawberry.Private[int]
    username: str = strawberry.field(description="The name that they log in with.")
    joined_at: datetime = strawberry.field(description="When they registered.")

    @strawberry.field(description="What they wrote here; null if Quotes is down.")
    def quotes(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        order_by: Annotated[
            Annotated["QuoteOrder", strawberry.lazy("gateway.schema.quotes")] | None,
            strawberry.argument(description="In which order; null is the default, too."),
        ] = strawberry.UNSET,
    ) -> Annotated["QuoteConnection", strawberry.lazy("gateway.schema.quotes")] | None:
        # The graph goes round: a quote has a user, and a user has quotes.
        from gateway.schema import quote_lists

        arguments = page_arguments(first, after, last, before)
        order = order_by or quote_lists.QuoteOrder.NEWEST
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
    context.users_seen.see(item.id for item in decoded.items)
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
            str | None, strawberry.argument(description="The name that they log in with.")
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
