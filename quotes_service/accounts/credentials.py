"""Accounts: registering and logging in."""

import structlog
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from quotes_service.models import User
from quotes_service.users import normal_password
from rest.errors import FieldError, NotAuthenticated, Unprocessable

logger = structlog.get_logger(__name__)

_CODES = {"unique": "taken", "max_length": "too_long"}


class InvalidCredentials(NotAuthenticated):
    """The username or the password is wrong; which of them is not said."""

    default_code = "invalid_credentials"


def register(*, username: str, password: str, email: str = "") -> User:
    """Make an account. Raises `Unprocessable` with what is wrong with each field."""
    user = User(username=User.normalize_username(username), email=email)
    user.email = User.objects.normalize_email(email)
    errors = _errors_of(user, password)
    if errors:
        raise _unprocessable(errors)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise _unprocessable([_taken()]) from None
    logger.info("user_registered", user_id=user.id)
    return user


def log_in(*, username: str, password: str) -> User:
    """Return the user with these credentials. Raises `InvalidCredentials`.

    It takes as long for an unknown name as for a wrong password (`authentication.py`).
    """
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        logger.warning("log_in_refused")  # no name: people type their password there
        raise InvalidCredentials("The username or the password is wrong.")
    return user


def check_new_password(password: str, user: User, field: str) -> None:
    """Raise `Unprocessable`, naming that field, for a password that is too easy to guess."""
    if errors := _password_errors(password, user, field):
        raise _unprocessable(errors)


def check_email(user: User) -> None:
    """Raise `Unprocessable` if the user's e-mail address is none."""
    fields = {field.name for field in User._meta.get_fields()}
    if errors := _field_errors(user, besides=fields - {"email"}):
        raise _unprocessable(errors)


def _errors_of(user: User, password: str) -> list[FieldError]:
    return _field_errors(user, {"password"}) + _password_errors(password, user, "password")


def _field_errors(user: User, besides: set[str]) -> list[FieldError]:
    try:
        user.full_clean(exclude=besides)
    except ValidationError as error:
        return [
            FieldError(field, _CODES.get(item.code or "", "invalid"), _message(item))
            for field, items in error.error_dict.items()
            for item in items
        ]
    return []


def _password_errors(password: str, user: User, field: str) -> list[FieldError]:
    try:
        validate_password(normal_password(password), user)
    except ValidationError as error:
        return [
            FieldError(field, item.code or "invalid", _message(item)) for item in error.error_list
        ]
    return []


def _message(error: ValidationError) -> str:
    return " ".join(error.messages)


def _taken() -> FieldError:
    return FieldError("username", "taken", "A user with that username already exists.")


def _unprocessable(errors: list[FieldError]) -> Unprocessable:
    detail = "; ".join(f"{error.field}: {error.message}" for error in errors)
    return Unprocessable(detail, errors=errors)
