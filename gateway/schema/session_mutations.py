"""Registering, logging in and out, and going on: what begins, refreshes and ends sessions."""

from datetime import datetime
from typing import Annotated

import strawberry

from gateway.context import Info, RequestContext
from gateway.error_codes import ErrorCode
from gateway.errors import Refusal
from gateway.schema.accounts import User, user_of
from gateway.schema.refusals import OperationInfo, given, mutation, number_in, require_token
from gateway.upstream.services import QUOTES
from gateway.upstream.shapes import (
    EndedShape,
    LoginShape,
    RegistrationShape,
    TokensShape,
    UserShape,
)


@strawberry.type(description="Somebody is logged in.")
class LoginPayload:
    """What a client needs to act as a user."""

    token: str = strawberry.field(
        description="Send it as `Authorization: Bearer <token>` with each request."
    )
    expires_at: datetime = strawberry.field(
        description="When the token stops working: `refreshSession` before, or when it is refused."
    )
    refresh_token: str | None = strawberry.field(
        description="For `refreshSession`. It holds for one use. Null where a cookie has it."
    )
    refresh_expires_at: datetime | None = strawberry.field(
        description="When the session ends, unless it is refreshed before."
    )
    device_token: str | None = strawberry.field(
        description="For the next login on this device. Null where a cookie has it, and of "
        "`refreshSession`."
    )
    user: User = strawberry.field(description="Who is logged in.")


@strawberry.type(description="The caller was logged out.")
class LogoutPayload:
    """What a logout has ended."""

    ended: int = strawberry.field(description="How many sessions were ended.")


@strawberry.type(
    description="The caller goes on with this token. All that were issued before hold no longer."
)
class TokenPayload:
    """A token in place of those before."""

    token: str | None = strawberry.field(
        description="Send it from now on. Null if the caller's own session has ended."
    )
    expires_at: datetime | None = strawberry.field(description="When the token stops working.")


LoginResult = Annotated[
    LoginPayload | OperationInfo,
    strawberry.union("LoginResult", description="A login, or why there is none."),
]
LogoutResult = Annotated[
    LogoutPayload | OperationInfo,
    strawberry.union("LogoutResult", description="What has ended, or why nothing has."),
]
TokenResult = Annotated[
    TokenPayload | OperationInfo,
    strawberry.union("TokenResult", description="A new token, or why nothing was done."),
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
    device_token: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Of an earlier login on this device: wrong passwords that others try elsewhere "
        "then don't keep this one out.",
    )


@strawberry.input(description="The session that is to go on.")
class RefreshSessionInput:
    """The input of `refreshSession`."""

    refresh_token: str | None = strawberry.field(
        default=strawberry.UNSET, description="The last one. Left out where a cookie has it."
    )


@strawberry.input(description="Which session to end.")
class EndSessionInput:
    """The input of `endSession`."""

    id: strawberry.ID = strawberry.field(description="One of `me { sessions }`.")


@strawberry.type
class SessionMutation:
    """What can be done with sessions."""

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
        return _login(info.context, decoded, decoded)

    @mutation(description="Obtain a token for an account, and begin a session.")
    def login(
        self,
        info: Info,
        input: Annotated[LoginInput, strawberry.argument(description="Who wants to log in.")],
    ) -> LoginResult | None:
        payload = {"username": input.username, "password": input.password}
        cookies = info.context.cookies
        if device := input.device_token or (cookies and cookies.device_token):
            payload["device_token"] = device
        decoded = info.context.services.send(
            QUOTES, "POST", "/tokens", LoginShape, payload, anonymous=True
        )
        return _login(info.context, decoded, decoded.user)

    @mutation(
        description="Obtain the next token of a session, and the next refresh token. One that was "
        "used before ends its session, unless that was some seconds ago.",
    )
    def refresh_session(
        self,
        info: Info,
        input: Annotated[RefreshSessionInput, strawberry.argument(description="Which session.")],
    ) -> LoginResult | None:
        cookies = info.context.cookies
        token = input.refresh_token or (cookies and cookies.refresh_token)
        if not token:
            raise _refused_refresh("There is no session. Log in.")
        try:
            decoded = info.context.services.send(
                QUOTES,
                "POST",
                "/tokens/refresh",
                LoginShape,
                {"refresh_token": token},
                anonymous=True,
                repeated=True,  # the same again gives the same, for some seconds
            )
        except Refusal as refusal:
            if cookies and refusal.code is ErrorCode.INVALID_REFRESH_TOKEN:
                cookies.forget_refresh_token()
            raise
        return _login(info.context, decoded, decoded.user)

    @mutation(
        description="Log out: end the session of the token. Tokens of other sessions hold no "
        "longer, too, until those are refreshed.",
    )
    def logout(
        self,
        info: Info,
        all: Annotated[
            bool, strawberry.argument(description="End all sessions of the caller, everywhere.")
        ] = False,
    ) -> LogoutResult | None:
        require_token(info)
        path = "/sessions" if all else "/sessions/current"
        decoded = info.context.services.send(QUOTES, "DELETE", path, EndedShape)
        if info.context.cookies:
            info.context.cookies.forget_refresh_token()
        return LogoutPayload(ended=decoded.ended)

    @mutation(description="End one of the caller's sessions, and all tokens until now.")
    def end_session(
        self,
        info: Info,
        input: Annotated[EndSessionInput, strawberry.argument(description="Which session.")],
    ) -> TokenResult | None:
        require_token(info)
        number = number_in(input.id, "Session", "id")
        decoded = info.context.services.send(QUOTES, "DELETE", f"/sessions/{number}", EndedShape)
        return TokenPayload(token=decoded.token, expires_at=decoded.expires_at)


def _login(
    context: RequestContext, tokens: TokensShape, user: UserShape | RegistrationShape
) -> LoginPayload:
    payload = LoginPayload(
        token=tokens.token,
        expires_at=tokens.expires_at,
        refresh_token=tokens.refresh_token,
        refresh_expires_at=tokens.refresh_expires_at,
        device_token=tokens.device_token,
        user=user_of(user),
    )
    if context.cookies and tokens.refresh_token and tokens.refresh_expires_at:
        context.cookies.keep_refresh_token(tokens.refresh_token, tokens.refresh_expires_at)
        if tokens.device_token:
            context.cookies.keep_device_token(tokens.device_token)
        payload.refresh_token = payload.device_token = None
    return payload


def _refused_refresh(message: str) -> Refusal:
    return Refusal(ErrorCode.INVALID_REFRESH_TOKEN, message)
