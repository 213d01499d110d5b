"""Changing one's own password and e-mail address, and deleting one's account."""

from typing import Annotated

import strawberry

from gateway.context import Info
from gateway.schema.accounts import User, user_of
from gateway.schema.refusals import OperationInfo, given, mutation, require_token
from gateway.schema.session_mutations import TokenPayload, TokenResult
from gateway.upstream.services import QUOTES
from gateway.upstream.shapes import TokenShape, UserShape

UserResult = Annotated[
    User | OperationInfo,
    strawberry.union("UserResult", description="The user, or why nothing was changed."),
]


@strawberry.input(description="A new password.")
class ChangePasswordInput:
    """The input of `changePassword`."""

    old_password: str = strawberry.field(description="The password until now.")
    new_password: str = strawberry.field(
        description="At least 8 characters, not all digits, and not a common one."
    )


@strawberry.input(description="A new e-mail address.")
class ChangeEmailInput:
    """The input of `changeEmail`."""

    email: str | None = strawberry.field(
        default=strawberry.UNSET, description="The new one; null or empty for none."
    )


@strawberry.input(description="Whoever wants their account deleted has to say its password.")
class DeleteAccountInput:
    """The input of `deleteAccount`."""

    password: str = strawberry.field(description="The password of the account.")


@strawberry.type
class AccountMutation:
    """What can be done with one's own account."""

    @mutation(
        description="Change the password. Ends the caller's other sessions, and all tokens until "
        "now; the session goes on with the token that is answered.",
    )
    def change_password(
        self,
        info: Info,
        input: Annotated[ChangePasswordInput, strawberry.argument(description="Both passwords.")],
    ) -> TokenResult | None:
        require_token(info)
        payload = {"old_password": input.old_password, "new_password": input.new_password}
        services = info.context.services
        decoded = services.send(QUOTES, "PUT", "/account/password", TokenShape, payload)
        return TokenPayload(token=decoded.token, expires_at=decoded.expires_at)

    @mutation(description="Change the e-mail address.")
    def change_email(
        self,
        info: Info,
        input: Annotated[ChangeEmailInput, strawberry.argument(description="The address.")],
    ) -> UserResult | None:
        require_token(info)
        services = info.context.services
        decoded = services.send(
            QUOTES, "PUT", "/account/email", UserShape, given(email=input.email)
        )
        return user_of(decoded)

    @mutation(
        description="Delete the caller's account, for ever. Its quotes stay without a writer, its "
        "likes are taken back. Answers the user as they were.",
    )
    def delete_account(
        self,
        info: Info,
        input: Annotated[DeleteAccountInput, strawberry.argument(description="The password.")],
    ) -> UserResult | None:
        require_token(info)
        services = info.context.services
        decoded = services.send(
            QUOTES, "POST", "/account/deletion", UserShape, {"password": input.password}
        )
        if info.context.cookies:
            info.context.cookies.forget_refresh_token()
        return user_of(decoded)
