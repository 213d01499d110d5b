"""Settings that the web processes have in common, read from the environment and checked.

Each function raises ImproperlyConfigured, which names the variable and what it must be.
"""

import os
import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from web.environment import ROOT

Network = IPv4Network | IPv6Network
EVERYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))

_NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")
_WHOLE = re.compile(r"[0-9]{1,18}")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?P<wildcard>\*\.)?[^\s/?#@*]+")
# What `limits` reads as one; it isn't imported here, as relays and consumers have no use for it.
_RATE = re.compile(r"0*[1-9]\d*/(second|minute|hour|day)")


def check_production(*, debug: bool, secret_key: str, allowed_hosts: Sequence[str]) -> None:
    """Check that a process in production has none of the settings that development starts with."""
    if debug:
        raise ImproperlyConfigured("DJANGO_DEBUG must be 0 in production.")
    if secret_key.startswith("development-only"):
        raise ImproperlyConfigured("DJANGO_SECRET_KEY must be set in production.")
    if not allowed_hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS must be set in production.")


def flag(name: str, default: bool) -> bool:
    """Return a variable that says yes or no."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def production() -> bool:
    """Return whether `ENVIRONMENT` says so. What is misspelt is not taken for development."""
    value = os.environ.get("ENVIRONMENT", "").strip().lower() or "development"
    if value not in {"development", "production"}:
        raise ImproperlyConfigured(f"ENVIRONMENT must be development or production, not {value!r}.")
    return value == "production"


def number(name: str, default: float) -> float:
    """Return a variable that is a number above 0."""
    value = os.environ.get(name, "").strip() or str(default)
    if not _NUMBER.fullmatch(value) or float(value) == 0:
        raise ImproperlyConfigured(f"{name} must be a number above 0, not {value!r}.")
    return float(value)


def share(name: str, default: float) -> float:
    """Return a variable that is a part of a whole, from 0 to 1."""
    value = os.environ.get(name, "").strip() or str(default)
    if not _NUMBER.fullmatch(value) or float(value) > 1:
        raise ImproperlyConfigured(f"{name} must be a number from 0 to 1, not {value!r}.")
    return float(value)


def whole(name: str, default: int, least: int = 1) -> int:
    """Return a variable that is a whole number, of at least so much."""
    value = os.environ.get(name, "").strip() or str(default)
    if not _WHOLE.fullmatch(value) or int(value) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} on, not {value!r}.")
    return int(value)


def listed(name: str) -> list[str]:
    """Return the entries of a variable that lists some, by commas."""
    return [entry.strip() for entry in os.environ.get(name, "").split(",") if entry.strip()]


def origins(name: str, *, wildcards: bool = False) -> list[str]:
    """Return a variable that lists origins, by commas, as browsers write them in `Origin`."""
    found = [entry.rstrip("/").lower() for entry in listed(name)]
    for origin in found:
        match = _ORIGIN.fullmatch(origin)
        if not match or (match["wildcard"] and not wildcards):
            raise ImproperlyConfigured(
                f"{name} must name each origin as https://app.example, without a path; "
                f"not {origin!r}."
            )
    return found


def rate(name: str, default: str) -> str:
    """Return a variable that says how often, as in `10/minute`; empty for no limit."""
    value = os.environ.get(name, default).strip().lower()
    if value and not _RATE.fullmatch(value):
        raise ImproperlyConfigured(
            f"{name} must be a number per second, minute, hour or day, such as 10/minute, or empty "
            f"for no limit; not {value!r}."
        )
    return value


def rate_limit_storage(name: str) -> str:
    """Return a variable that says where rates are counted: the address of a Redis, or memory://."""
    value = os.environ.get(name, "").strip() or "memory://"
    if value != "memory://" and not _is_address(value, {"redis", "rediss"}):
        raise ImproperlyConfigured(f"{name} must be memory:// or as redis://host:6379.")
    return value


def service_url(name: str, default: str) -> str:
    """Return a variable that says where a service is, without a slash at its end."""
    value = (os.environ.get(name, "").strip() or default).rstrip("/")
    if not _is_address(value, {"http", "https"}):
        raise ImproperlyConfigured(f"{name} must be as http://host:8001, not {value!r}.")
    return value


def in_checkout(place: str) -> str:
    """Return a path or a sqlite:/// address; what is relative begins where the checkout does.

    It must not mean another file in each folder that a command is started in.
    """
    scheme = "sqlite:///" if place.startswith("sqlite:///") else ""
    path = place.removeprefix(scheme)
    if not path or path.startswith(":") or (not scheme and "://" in path):
        return place
    return f"{scheme}{ROOT / path}"


def _is_address(value: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def networks(name: str, default: str) -> tuple[Network, ...]:
    """Return a variable that lists addresses and networks, by commas."""
    entries = [entry.strip() for entry in os.environ.get(name, default).split(",")]
    try:
        return tuple(_unmapped(ip_network(entry)) for entry in entries if entry)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must list addresses or networks, such as 10.0.0.7 or 10.0.0.0/8: {error}."
        ) from None


def _unmapped(network: Network) -> Network:
    """Return the IPv4 network that one such as ::ffff:10.0.0.0/104 means: addresses are read so."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return ip_network((mapped, network.prefixlen - 96)) if mapped else network
