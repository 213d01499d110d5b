"""REST of accounts and tokens."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from identity.tokens import Caller
from quotes_service import reads
from quotes_service.accounts import credentials, sessions
from quotes_service.accounts.credentials import InvalidCredentials
from quotes_service.accounts.devices import device_token, known_device
from quotes_service.models import User
from quotes_service.responses import both_tokens, own_user, secret
from quotes_service.schemas import (
    LoginIn,
    RegisteredOut,
    RegisterIn,
    TokenOut,
    Username,
    UserPage,
    UserRead,
)
from rest.callers import caller_of
from rest.errors import NotFound
from rest.ids import Id, IdList
from rest.openapi import OPTIONAL_TOKEN
from rest.paging import Limit
from rest.responses import json_response
from rest.schemas import ProblemOut, TooManyRequestsOut
from rest.timestamps import timestamp
from web.addresses import address_of, network_of
from web.logins import login_attempt
from web.rates import Rate

router = Router(tags=["accounts"])


@router.post("/users", response={201: RegisteredOut, 429: TooManyRequestsOut})
def register(request: HttpRequest, payload: RegisterIn) -> HttpResponse:
    """Make an account, and answer it with a token."""
    network = network_of(address_of(request))
    with _registrations(settings.REGISTRATION_RATE).begin(network) as made:
        user = credentials.register(
            username=payload.username, password=payload.password, email=payload.email or ""
        )
        made()
    return secret({**own_user(user), **_login(user)}, status=201)


@router.post("/tokens", response={201: TokenOut, 401: ProblemOut, 429: TooManyRequestsOut})
def log_in(request: HttpRequest, payload: LoginIn) -> HttpResponse:
    """Answer a token for a username and password, and begin a session.

    Send the `device_token` of an earlier login on the same device with it: guesses made elsewhere
    then don't keep this one out.
    """
    device = known_device(payload.device_token, payload.username)
    with login_attempt(payload.username, address_of(request), device) as failed:
        try:
            user = credentials.log_in(username=payload.username, password=payload.password)
        except InvalidCredentials:
            failed()
            raise
    known = payload.device_token if device else None
    return secret({**_login(user, known), "user": own_user(user)}, status=201)


@router.get("/users", response={200: UserPage, 401: ProblemOut}, openapi_extra=OPTIONAL_TOKEN)
def list_users(
    request: HttpRequest,
    id: IdList | None = None,
    username: Username | None = None,
    limit: Limit = 20,
    after: str | None = None,
) -> HttpResponse:
    """A page of accounts, oldest first, those of a list of ids, or the one of that name."""
    viewer = caller_of(request)
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
    viewer = caller_of(request)
    user = User.objects.filter(id=user_id).first()
    if user is None:
        raise NotFound("There is no such user.")
    return json_response(_user(user, viewer))


@cache
def _registrations(rate: str) -> Rate:
    return Rate("registration from address", rate)


def _login(user: User, known_as: str | None = None) -> dict[str, Any]:
    """Begin a session, and return all that a client needs for it."""
    return {
        **both_tokens(sessions.begin(user)),
        "device_token": known_as or device_token(user),
    }


def _user(user: User, viewer: Caller | None) -> dict[str, Any]:
    if viewer is not None and (viewer.staff or viewer.user_id == user.id):
        return own_user(user)
    return {"id": user.id, "username": user.username, "joined_at": timestamp(user.date_joined)}
