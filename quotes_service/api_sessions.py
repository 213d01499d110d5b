"""REST of sessions: refreshing, listing and ending them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from quotes_service.accounts import sessions
from quotes_service.accounts.sessions import InvalidRefreshToken
from quotes_service.models import Session, User
from quotes_service.responses import both_tokens, new_token, own_user, secret
from quotes_service.schemas import EndedOut, EndedSessionOut, RefreshedOut, RefreshIn, SessionList
from rest.callers import Authenticated, BearerAuth
from rest.ids import Id
from rest.responses import json_response
from rest.schemas import ProblemOut, TooManyRequestsOut
from rest.timestamps import timestamp
from web.addresses import address_of
from web.logins import guess_attempt

router = Router(tags=["sessions"])
bearer = BearerAuth()


@router.post(
    "/tokens/refresh", response={201: RefreshedOut, 401: ProblemOut, 429: TooManyRequestsOut}
)
def refresh(request: HttpRequest, payload: RefreshIn) -> HttpResponse:
    """Answer a new token and the next refresh token for one that holds.

    Each holds for one use. One that is used again, after some seconds in which that may be an
    accident, ends its session.
    """
    with guess_attempt(address_of(request)) as failed:
        try:
            renewed = sessions.renew(payload.refresh_token)
        except InvalidRefreshToken:
            failed()
            raise
    return secret({**both_tokens(renewed), "user": own_user(renewed.user)}, status=201)


@router.get("/sessions", auth=bearer, response={200: SessionList})
def list_sessions(request: Authenticated) -> HttpResponse:
    """The caller's sessions, the last used first."""
    own = sessions.sessions_of(request.auth.user_id)
    return json_response({"items": [_session(each, request.auth.session_id) for each in own]})


@router.delete("/sessions", auth=bearer, response={200: EndedOut})
def end_sessions(request: Authenticated) -> HttpResponse:
    """Log out everywhere: end all sessions of the caller, with all their tokens."""
    return json_response({"ended": sessions.end_all(request.auth.user_id)})


@router.delete("/sessions/current", auth=bearer, response={200: EndedOut})
def end_current_session(request: Authenticated) -> HttpResponse:
    """Log out: end the session that the token is of. The others need new tokens, too."""
    return json_response({"ended": sessions.end_current(request.auth)})


@router.delete("/sessions/{id:session_id}", auth=bearer, response={200: EndedSessionOut})
def end_session(request: Authenticated, session_id: Id) -> HttpResponse:
    """End one session of the caller, and all tokens. Answers the next token of the caller's own."""
    caller = request.auth
    sessions.end(user_id=caller.user_id, session_id=session_id)
    if caller.session_id == session_id:
        return json_response({"ended": 1})
    user = User.objects.get(id=caller.user_id)
    return secret({"ended": 1, **new_token(user, caller.session_id)})


def _session(session: Session, current: int | None) -> dict[str, Any]:
    return {
        "id": session.id,
        "created_at": timestamp(session.created_at),
        "last_used_at": timestamp(session.last_used_at),
        "current": session.id == current,
    }
