"""REST of the caller's own account: its password, its e-mail address, and its end."""

from django.http import HttpResponse
from ninja import Router

from quotes_service.accounts import own_account
from quotes_service.responses import new_token, own_user, secret
from quotes_service.schemas import (
    AccountDeletion,
    EmailChange,
    NextTokenOut,
    OwnUserOut,
    PasswordChange,
)
from rest.callers import Authenticated, BearerAuth
from rest.responses import json_response
from rest.schemas import TooManyRequestsOut
from web.addresses import address_of

router = Router(tags=["own account"], auth=BearerAuth())


@router.put("/password", response={200: NextTokenOut, 429: TooManyRequestsOut})
def change_password(request: Authenticated, payload: PasswordChange) -> HttpResponse:
    """Change the password. Ends all other sessions, and answers a token for this one."""
    user = own_account.change_password(
        caller=request.auth,
        address=address_of(request),
        old=payload.old_password,
        new=payload.new_password,
    )
    return secret(new_token(user, request.auth.session_id))


@router.put("/email", response={200: OwnUserOut})
def change_email(request: Authenticated, payload: EmailChange) -> HttpResponse:
    """Change the e-mail address."""
    user = own_account.change_email(caller=request.auth, email=payload.email or "")
    return json_response(own_user(user))


@router.post("/deletion", response={200: OwnUserOut, 429: TooManyRequestsOut})
def delete_account(request: Authenticated, payload: AccountDeletion) -> HttpResponse:
    """Delete the account, and answer it as it was. Its quotes stay, its likes are taken back."""
    user = own_account.delete_account(
        caller=request.auth, address=address_of(request), password=payload.password
    )
    return json_response(own_user(user))
