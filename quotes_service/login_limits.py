"""Guessing passwords is slowed down: per account, and per address that the guesses come from."""

from functools import cache

from django.conf import settings

from quotes_service.models import User
from rest.rates import Rate


def check_login(username: str, address: str) -> None:
    """Raise TooManyRequests if there were too many failures, whether the account exists or not."""
    _of_account().check(_account(username))
    _of_address().check(address)


def login_failed(username: str, address: str) -> None:
    """Count a failure. What succeeds is never counted."""
    _of_account().count(_account(username))
    _of_address().count(address)


def take_registration(address: str) -> None:
    """Count an account that is made, or raise TooManyRequests."""
    _registrations().take(address)


def _account(username: str) -> str:
    """All spellings that log in to one account, and those that only look like it, are one."""
    return User.normalize_username(username).casefold()


@cache
def _rate(kind: str, rate: str) -> Rate:
    return Rate(kind, rate)


def _of_account() -> Rate:
    return _rate("login of account", settings.LOGIN_RATE)


def _of_address() -> Rate:
    return _rate("login from address", settings.LOGIN_ADDRESS_RATE)


def _registrations() -> Rate:
    return _rate("registration from address", settings.REGISTRATION_RATE)
