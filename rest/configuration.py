"""Settings that the web processes have in common, read from the environment and checked."""

import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

Network = IPv4Network | IPv6Network
EVERYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))

# What `limits` reads as one; it isn't imported here, as relays and consumers have no use for it.
_RATE = re.compile(r"0*[1-9]\d*/(second|minute|hour|day)")


def rate(name: str, default: str) -> str:
    """Answer a variable that says how often, as in `10/minute`; empty for no limit."""
    value = os.environ.get(name, default).strip().lower()
    if value and not _RATE.fullmatch(value):
        raise ImproperlyConfigured(
            f"{name} must be a number per second, minute, hour or day, such as 10/minute, or empty "
            f"for no limit; not {value!r}."
        )
    return value


def rate_limit_storage(name: str) -> str:
    """Answer a variable that says where rates are counted: the address of a Redis, or memory://."""
    value = os.environ.get(name, "").strip() or "memory://"
    if value != "memory://" and not _is_address(value, {"redis", "rediss"}):
        raise ImproperlyConfigured(f"{name} must be memory:// or as redis://host:6379.")
    return value


def service_url(name: str, default: str) -> str:
    """Answer a variable that says where a service is, without a slash at its end."""
    value = (os.environ.get(name, "").strip() or default).rstrip("/")
    if not _is_address(value, {"http", "https"}):
        raise ImproperlyConfigured(f"{name} must be as http://host:8001, not {value!r}.")
    return value


def _is_address(value: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def networks(name: str, default: str) -> tuple[Network, ...]:
    """Answer a variable that lists addresses and networks, by commas."""
    entries = [entry.strip() for entry in os.environ.get(name, default).split(",")]
    try:
        return tuple(_unmapped(ip_network(entry)) for entry in entries if entry)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must list addresses or networks, such as 10.0.0.7 or 10.0.0.0/8: {error}."
        ) from None


def _unmapped(network: Network) -> Network:
    """Answer the network of IPv4 that one as ::ffff:10.0.0.0/104 means, as addresses are read."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return ip_network((mapped, network.prefixlen - 96)) if mapped else network
