"""Guessing passwords is slowed down: per account, and per address that the guesses come from.

Who logs in from a device that has been logged in before is counted by that device instead of by
the account: wrong guesses from elsewhere keep an account shut, but not for its owner.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.contrib.auth import get_user_model

from web.addresses import network_of
from web.names import name_key
from web.rates import Rate


@contextmanager
def login_attempt(
    username: str, address: str, device: str | None = None
) -> Iterator[Callable[[], None]]:
    """Let a password be tried, and give what to call if it is wrong. What succeeds never counts.

    All spellings that log in to one account count as one. Raises TooManyRequests if too many were
    wrong, whether the account exists or not. A wrong one from a known `device` counts for its
    account, too.
    """
    of_account, of_device, of_address = _rates(settings.LOGIN_RATE, settings.LOGIN_ADDRESS_RATE)
    account, network = name_key(username), network_of(address)
    first = of_account.begin(account) if device is None else of_device.begin(device)
    with first as count, of_address.begin(network) as count_address:

        def failed() -> None:
            count()
            count_address()
            if device is not None:
                of_account.count(account)

        yield failed


@contextmanager
def guess_attempt(address: str) -> Iterator[Callable[[], object]]:
    """Let what stands for an account be tried without its name, and give what to call if it is
    wrong, which counts for the address. Raises TooManyRequests.
    """
    *_, of_address = _rates(settings.LOGIN_RATE, settings.LOGIN_ADDRESS_RATE)
    with of_address.begin(network_of(address)) as count:
        yield count


@cache
def _rates(of_account: str, of_address: str) -> tuple[Rate, Rate, Rate]:
    service = get_user_model()._meta.label_lower  # the services' accounts are not the same
    return (
        Rate(f"login of {service}", of_account),
        Rate(f"login of {service} from device", of_account),
        Rate(f"login of {service} from address", of_address),
    )
