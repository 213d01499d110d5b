"""Settings that the web processes have in common, read from the environment and checked."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ImproperlyConfigured

Network = IPv4Network | IPv6Network
EVERYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))


def networks(name: str, default: str) -> tuple[Network, ...]:
    """Answer a variable that lists addresses and networks, by commas."""
    entries = [entry.strip() for entry in os.environ.get(name, default).split(",")]
    try:
        return tuple(ip_network(entry) for entry in entries if entry)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must list addresses or networks, such as 10.0.0.7 or 10.0.0.0/8: {error}."
        ) from None
