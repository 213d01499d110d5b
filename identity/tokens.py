"""From an `Authorization` header to the caller.

token = bearer_token(request.headers.get("Authorization"))
caller = verify(token) if token is not None else None
"""

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import jwt

from identity import conf
from identity.errors import InvalidToken
from identity.jwk import VerifyingKey
from identity.keys import KeySet

MAX_TOKEN_LENGTH = 4096  # ours are some 250 characters; a header line may be far longer
MAX_REMEMBERED = 10_000  # verified tokens per process, some 5 MB
_MAX_ID = 2**63 - 1  # what a PostgreSQL bigint holds
_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)  # RFC 6750 section 2.1


@dataclass(frozen=True)
class Caller:
    """Who sent the request, as Quotes has vouched for."""

    user_id: int
    staff: bool = False
    session_id: int | None = None  # of a token from before there were sessions, none
    # When their token was issued, to the microsecond.
    issued_at: datetime = field(default=datetime.min.replace(tzinfo=UTC), compare=False)


@dataclass(frozen=True)
class _Verified:
    caller: Caller
    expires_at: float
    key: VerifyingKey


def bearer_token(header: str | None) -> str | None:
    """Return the token of an `Authorization` header, or `None` if there is none, or an empty one.

    Raises `InvalidToken` for any other header than `Bearer <token>`: a caller who means to be
    somebody is never treated as nobody in silence.
    """
    if header is None or not header.strip():
        return None
    if header.startswith("Bearer ") and (token := header[7:]) in _remembered:
        return token  # it has been taken apart before
    match = _BEARER.fullmatch(header.strip())
    if match is None:
        raise InvalidToken("The Authorization header must be of the form 'Bearer <token>'.")
    return match[1]


def verify(token: str) -> Caller:
    """Return whom the token stands for.

    Raises `InvalidToken` if it isn't one that Quotes signed for now. Raises `KeysUnavailable` if
    nobody knows, because Quotes doesn't answer and its keys aren't known.
    """
    if len(token) > MAX_TOKEN_LENGTH:
        raise InvalidToken("The token is too long.")
    remembered = _remembered.get(token)
    if remembered is not None:
        if remembered.expires_at <= time.time():
            raise InvalidToken("The token has expired.")
        # Also asks for the keys anew when they are old, so that a withdrawn one stops working.
        if _keys().get(remembered.key.kid) == remembered.key:
            return remembered.caller
    verified = _verify(token)
    _remember(token, verified)
    return verified.caller


def expires_at(token: str) -> float:
    """Return when a token that was verified stops working, in seconds since 1970."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return float(claims["exp"])


def forget() -> None:
    """Forget the keys and all verified tokens, as at the start of the process."""
    _key_set.cache_clear()
    with _lock:
        _remembered.clear()


_remembered: OrderedDict[str, _Verified] = OrderedDict()
_lock = threading.Lock()


def _remember(token: str, verified: _Verified) -> None:
    with _lock:
        _remembered[token] = verified
        if len(_remembered) > MAX_REMEMBERED:
            _remembered.popitem(last=False)


@cache
def _key_set(url: str, file: str) -> KeySet:
    return KeySet(url, Path(file) if file else None)


def _keys() -> KeySet:
    return _key_set(conf.jwks_url(), conf.jwks_file())


def _verify(token: str) -> _Verified:
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except (jwt.PyJWTError, ValueError) as error:
        raise InvalidToken("The token is malformed.") from error
    if not isinstance(kid, str):
        raise InvalidToken("The token doesn't name its key.")
    key = _keys().get(kid)
    if key is None:
        raise InvalidToken("The token is signed with an unknown key.")
    try:
        claims = jwt.decode(
            token,
            key.key,
            algorithms=[key.algorithm],
            issuer=conf.token_issuer(),
            # `iat` only informs; a signer's clock that is a second ahead must lock nobody out.
            options={"require": ["exp", "iat", "iss", "sub"], "verify_iat": False},
        )
    except jwt.ExpiredSignatureError as error:
        raise InvalidToken("The token has expired.") from error
    except jwt.InvalidIssuerError as error:
        raise InvalidToken("The token is of another issuer.") from error
    except (jwt.PyJWTError, ValueError) as error:
        raise InvalidToken("The token is not valid.") from error
    return _Verified(_caller(claims), float(claims["exp"]), key)


def _caller(claims: dict[str, object]) -> Caller:
    user_id = _number(claims["sub"])
    if user_id is None:
        raise InvalidToken("The token names no user.")
    return Caller(
        user_id=user_id,
        staff=claims.get("staff") is True,
        session_id=_number(claims.get("sid")),
        issued_at=_issued_at(claims),
    )


def _number(claim: object) -> int | None:
    """Return the id that a claim is; None if it is none."""
    if not isinstance(claim, str) or not re.fullmatch(r"[1-9][0-9]{0,18}", claim):
        return None
    return number if (number := int(claim)) <= _MAX_ID else None


def _issued_at(claims: dict[str, object]) -> datetime:
    seconds = claims["iat"]
    if not isinstance(seconds, int | float):
        raise InvalidToken("The token doesn't say when it was issued.")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise InvalidToken("The token was issued at no time.") from error
