"""What several operations respond with about the caller's own account."""

from typing import Any

from django.http import HttpResponse

from quotes_service.accounts.sessions import RefreshToken
from quotes_service.accounts.tokens import issue_token
from quotes_service.models import User
from rest.responses import json_response
from rest.timestamps import timestamp


def own_user(user: User) -> dict[str, Any]:
    """Return an account as its owner sees it."""
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "joined_at": timestamp(user.date_joined),
    }


def new_token(user: User, session_id: int | None) -> dict[str, Any]:
    """Return a new token for a user in one of their sessions."""
    issued = issue_token(user, session_id)
    return {"token": issued.token, "expires_at": timestamp(issued.expires_at)}


def both_tokens(refresh: RefreshToken) -> dict[str, Any]:
    """Return a new token for a session, and what the session goes on by."""
    return {
        **new_token(refresh.user, refresh.session.id),
        "refresh_token": refresh.token,
        "refresh_expires_at": timestamp(refresh.expires_at),
    }


def secret(data: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Respond with what nothing in between may keep."""
    return json_response(data, status=status, headers={"Cache-Control": "no-store"})
