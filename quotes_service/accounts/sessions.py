"""Sessions: how a login goes on, by refresh tokens that hold for one use each.

A refresh token is a handle and a secret. Each use makes the next secret, of the one that was used
and of a random salt: so whoever sends it again within the grace gets the same next one, and
nobody can tell the next by the one before without the salt, nor by what is stored without that.
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from identity.tokens import Caller
from quotes_service.accounts.standing import end_tokens
from quotes_service.models import Session, User
from rest.errors import NotAuthenticated, NotFound

BYTES = 32  # of the handle and of the secret, each more than anybody can guess
PRUNED_AT_ONCE = 1000  # a DELETE of some ten milliseconds, for which messages wait
MOST = 50  # sessions of one account; a new one ends those that were used longest ago

logger = structlog.get_logger(__name__)


class InvalidRefreshToken(NotAuthenticated):
    """The refresh token is none of ours, was used before, or its session has ended."""

    default_code = "invalid_refresh_token"

    def __init__(self) -> None:
        super().__init__("The session has ended. Log in again.")


@dataclass(frozen=True)
class RefreshToken:
    """What a session goes on by, and when it ends if it isn't used until then."""

    session: Session
    user: User
    token: str

    @property
    def expires_at(self) -> datetime:
        """When the session ends if it isn't used until then."""
        return self.session.last_used_at + settings.SESSION_LIFETIME


def begin(user: User) -> RefreshToken:
    """Begin a session of somebody who has just said their password."""
    handle, secret, now = secrets.token_bytes(BYTES), secrets.token_bytes(BYTES), timezone.now()
    with transaction.atomic():
        session = Session.objects.create(
            user=user,
            created_at=now,
            last_used_at=now,
            handle_hash=_hash(handle),
            secret_hash=_hash(secret),
            password_digest=_digest(user),
        )
        own = Session.objects.filter(user=user).order_by("-last_used_at", "-id")
        if too_many := list(own.values_list("id", flat=True)[MOST:]):
            _delete(too_many)
    return RefreshToken(session, user, _written(handle, secret))


def renew(token: str) -> RefreshToken:
    """Return the session of a refresh token, with the token that is next.

    Raise `InvalidRefreshToken`. A token that was used before ends its session, unless that was
    within the grace: it may have been stolen, and nobody knows by whom of the two it was sent.
    """
    handle, secret = _parts(token)
    with transaction.atomic():
        session = Session.objects.select_for_update().filter(handle_hash=_hash(handle)).first()
        user = None if session is None else _user_of(session)
        if session is None or user is None:
            raise InvalidRefreshToken
        next_secret = _next_secret(session, secret)
    if next_secret is None:
        logger.warning("refresh_token_reused", user_id=user.pk, session_id=session.pk)
        with contextlib.suppress(NotFound):
            end(user_id=user.pk, session_id=session.pk)
        raise InvalidRefreshToken
    return RefreshToken(session, user, _written(handle, next_secret))


def sessions_of(user_id: int) -> Sequence[Session]:
    """Return somebody's sessions that go on, the last used first."""
    own = Session.objects.filter(user_id=user_id).select_related("user")
    found = own.order_by("-last_used_at", "-id")[:MOST]
    return [session for session in found if _goes_on(session, session.user)]


def end(*, user_id: int, session_id: int) -> None:
    """End one session, and all tokens until now. Raise `NotFound` if it isn't theirs."""
    with transaction.atomic():
        end_tokens(user_id)
        ended, _ = Session.objects.filter(id=session_id, user_id=user_id).delete()
        if not ended:
            raise NotFound("There is no such session.")


def end_current(caller: Caller) -> int:
    """End the session of the caller's token, and all tokens until now. Return how many."""
    if caller.session_id is not None:
        with contextlib.suppress(NotFound):
            end(user_id=caller.user_id, session_id=caller.session_id)
            return 1
    end_tokens(caller.user_id)  # one from before there were sessions
    return 0


def end_all(user_id: int) -> int:
    """End all sessions of somebody, and all tokens until now. Return how many."""
    with transaction.atomic():
        end_tokens(user_id)
        ended, _ = Session.objects.filter(user_id=user_id).delete()
    return ended


def go_on_alone(user: User, session_id: int | None) -> None:
    """End all sessions but that one, which goes on with the new password of the user."""
    own = Session.objects.filter(user=user)
    (own if session_id is None else own.exclude(id=session_id)).delete()
    own.update(password_digest=_digest(user))


def prune() -> bool:
    """Delete some sessions that were not used for too long. Return whether there may be more."""
    limit = timezone.now() - settings.SESSION_LIFETIME
    old = Session.objects.filter(last_used_at__lt=limit).order_by("last_used_at")
    found = list(old.values_list("id", flat=True)[:PRUNED_AT_ONCE])
    return bool(found) and _delete(found) == PRUNED_AT_ONCE


def _user_of(session: Session) -> User | None:
    """Return whose session it is, if it goes on."""
    user = User.objects.filter(id=session.user_id, is_active=True).first()
    return user if user is not None and _goes_on(session, user) else None


def _goes_on(session: Session, user: User) -> bool:
    fresh = session.last_used_at > timezone.now() - settings.SESSION_LIFETIME
    return fresh and session.password_digest == _digest(user)


def _digest(user: User) -> str:
    return _hash(user.password.encode())


def _next_secret(session: Session, secret: bytes) -> bytes | None:
    """Return what is next after a secret, noting its use; None if it isn't the last or present."""
    now = timezone.now()
    if _hash(secret) == session.secret_hash:
        salt = secrets.token_bytes(BYTES)
        session.used_secret_hash, session.salt = session.secret_hash, salt.hex()
        session.secret_hash, session.last_used_at = _hash(_after(secret, salt)), now
        session.save(update_fields=["used_secret_hash", "salt", "secret_hash", "last_used_at"])
        return _after(secret, salt)
    in_grace = now - session.last_used_at <= settings.REFRESH_GRACE
    if in_grace and _hash(secret) == session.used_secret_hash:
        return _after(secret, bytes.fromhex(session.salt))
    return None


def _after(secret: bytes, salt: bytes) -> bytes:
    return hmac.digest(salt, secret, "sha256")


def _hash(part: bytes) -> str:
    return hashlib.sha256(part).hexdigest()


def _written(handle: bytes, secret: bytes) -> str:
    return base64.urlsafe_b64encode(handle + secret).rstrip(b"=").decode()


def _parts(token: str) -> tuple[bytes, bytes]:
    """Return the handle and the secret of a refresh token. Raise `InvalidRefreshToken`."""
    try:
        both = base64.b64decode(f"{token}==", altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise InvalidRefreshToken from None
    if len(both) != 2 * BYTES:
        raise InvalidRefreshToken
    return both[:BYTES], both[BYTES:]


def _delete(ids: Sequence[int]) -> int:
    """Delete those sessions that nobody else is at."""
    with transaction.atomic():
        free = Session.objects.select_for_update(skip_locked=True).filter(id__in=ids)
        deleted, _ = Session.objects.filter(id__in=list(free.values_list("id", flat=True))).delete()
    return deleted
