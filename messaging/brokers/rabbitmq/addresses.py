"""BROKER_URL as the addresses of nodes."""

import re
from urllib.parse import urlsplit

_BETWEEN_NODES = re.compile(r",(?=\s*amqps?://)")


def urls_of(url: str) -> list[str]:
    """Return the addresses of the nodes. A comma may also stand in a password.

    Raise ValueError, without a word of the password, for what is no address.
    """
    urls = [each.strip() for each in _BETWEEN_NODES.split(url)]
    for each in urls:
        if not _is_address(each):
            raise ValueError(
                "BROKER_URL is no address such as amqp://user:password@host:5672/. Special"
                " characters in a password are written with percent signs, such as %23 for #."
            )
    return urls


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        found = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
    # What stands behind a "/", "?" or "#" is neither of the host nor of the password.
    return found and not parts.fragment and "@" not in parts.path + parts.query
