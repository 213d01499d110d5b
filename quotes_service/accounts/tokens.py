"""The tokens that Quotes signs, and the public keys by which the others verify them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import jwt
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from quotes_service.accounts.signing_keys import jwks_bytes, signing_keys, write_whole
from quotes_service.models import User

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Token:
    """A signed token, and when it ends."""

    token: str
    expires_at: datetime


def issue_token(user: User, session_id: int | None = None) -> Token:
    """Sign a token for a user in one of their sessions, from when tokens of theirs hold."""
    key = signing_keys()[0]
    now = timezone.now()
    issued_at = max(now, user.valid_from or now)
    expires_at = now.replace(microsecond=0) + settings.TOKEN_LIFETIME  # `exp` is in whole seconds
    claims = {
        "iss": settings.TOKEN_ISSUER,
        "sub": str(user.id),
        # To the microsecond, which a number with a fraction holds (RFC 7519, NumericDate).
        "iat": issued_at.timestamp(),
        "exp": expires_at,
        "staff": user.is_staff,
        **({} if session_id is None else {"sid": str(session_id)}),
    }
    token = jwt.encode(claims, key.private, algorithm="EdDSA", headers={"kid": key.kid})
    return Token(token, expires_at)


def jwks_view(request: HttpRequest) -> HttpResponse:
    """`GET /.well-known/jwks.json`."""
    response = HttpResponse(jwks_bytes(), content_type="application/json")
    response["Cache-Control"] = "public, max-age=60"
    return response


def write_jwks_file() -> None:
    """Put the public keys where this service's own verifier looks first."""
    content = jwks_bytes()
    path = Path(settings.JWKS_FILE)
    try:
        if not path.exists() or path.read_bytes() != content:
            write_whole(path, content)
    except OSError as error:  # it then asks over HTTP, as the others do
        logger.warning("jwks_file_not_written", path=str(path), error=str(error))
