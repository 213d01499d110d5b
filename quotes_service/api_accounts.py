"""REST of accounts and tokens."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from identity.tokens import Caller
from quotes_service import accounts, reads
from quotes_service.accounts import InvalidCredentials
from quotes_service.callers import viewer_of
from quotes_service.models import User
from quotes_service.schemas import (
    LoginIn,
    RegisteredOut,
    RegisterIn,
    TokenOut,
    Username,
    UserPage,
    UserRead,
)
from quotes_service.tokens import Token, issue_token
from rest.errors import NotFound
from rest.ids import Id, IdList
from rest.openapi import OPTIONAL_TOKEN
from rest.paging import Limit
from rest.responses import json_response, timestamp
from rest.schemas import ProblemOut, TooManyRequestsOut
from web.addresses import address_of, network_of
from web.logins import login_attempt
from web.rates import Rate

router = Router(tags=["accounts"])


@router.post("/users", response={201: RegisteredOut, 429: TooManyRequestsOut})
def register(request: HttpRequest, payload: RegisterIn) -> HttpResponse:
    """Make an account, and answer it with a token."""
    network = network_of(address_of(request))
    with _registrations(settings.REGISTRATION_RATE).begin(network) as made:
        user = accounts.register(
            username=payload.username, password=payload.password, email=payload.email or ""
        )
        made()
    token = issue_token(user)
    return _secret({**_own_user(user), **_token(token)}, status=201)


@router.post("/tokens", response={201: TokenOut, 401: ProblemOut, 429: TooManyRequestsOut})
def log_in(request: HttpRequest, payload: LoginIn) -> HttpResponse:
    """Answer a token for a username and password."""
    with login_attempt(payload.username, address_of(request)) as failed:
        try:
            user = accounts.log_in(username=payload.username, password=payload.password)
        except InvalidCredentials:
            failed()
            raise
    return _secret({**_token(issue_token(user)), "user": _own_user(user)}, status=201)


@router.get("/users", response={200: UserPage, 401: ProblemOut}, openapi_extra=OPTIONAL_TOKEN)
def list_users(
    request: HttpRequest,
    id: IdList | None = None,
    username: Username | None = None,
    limit: Limit = 20,
    after: str | None = None,
) -> HttpResponse:
    """A page of accounts, oldest first, those of a list of ids, or the one of that name."""
    viewer = viewer_of(request)
    if username is not None:
        page = reads.users_by_name(username)
    elif id is not None:
        page = reads.users_by_id(id)
    else:
        page = reads.users_page(limit=limit, after=after)
    items = [_user(user, viewer) for user in page.rows]
    return json_response({"items": items, "page_info": page.info()})


@router.get(
    "/users/{id:user_id}",
    response={200: UserRead, 401: ProblemOut},
    openapi_extra=OPTIONAL_TOKEN,
)
def read_user(request: HttpRequest, user_id: Id) -> HttpResponse:
    """An account."""
    viewer = viewer_of(request)
    user = User.objects.filter(id=user_id).first()
    if user is None:
        raise NotFound("There is no such user.")
    return json_response(_user(user, viewer))


@cache
def _registrations(rate: str) -> Rate:
    return Rate("registration from address", rate)


def _user(user: User, viewer: Caller | None) -> dict[str, Any]:
    if viewer is not None and (viewer.staff or viewer.user_id == user.id):
        return _own_user(user)
    return {"id": user.id, "username": user.username, "joined_at": timestamp(user.date_joined)}


def _own_user(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "joined_at": timestamp(user.date_joined),
    }


def _token(token: Token) -> dict[str, Any]:
    return {"token": token.token, "expires_at": timestamp(token.expires_at)}


def _secret(data: dict[str, Any], *, status: int) -> HttpResponse:
    return json_response(data, status=status, headers={"Cache-Control": "no-store"})
