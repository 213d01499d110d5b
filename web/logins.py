"""Guessing passwords is slowed down: per account, and per address that the guesses come from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.contrib.auth import get_user_model

from web.addresses import network_of
from web.names import name_key
from web.rates import Rate


@contextmanager
def login_attempt(username: str, address: str) -> Iterator[Callable[[], None]]:
    """Let a password be tried, and give what to call if it is wrong. What succeeds never counts.

    All spellings that log in to one account count as one. Raises TooManyRequests if too many were
    wrong, whether the account exists or not.
    """
    of_account, of_address = _rates(settings.LOGIN_RATE, settings.LOGIN_ADDRESS_RATE)
    with (
        of_account.begin(name_key(username)) as count,
        of_address.begin(network_of(address)) as count_address,
    ):

        def failed() -> None:
            count()
            count_address()

        yield failed


@cache
def _rates(of_account: str, of_address: str) -> tuple[Rate, Rate]:
    service = get_user_model()._meta.label_lower  # the services' accounts are not the same
    return (
        Rate(f"login of {service}", of_account),
        Rate(f"login of {service} from address", of_address),
    )
