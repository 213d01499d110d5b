"""Where a request comes from."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import structlog
from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
# What a provider gives one customer at the least; whoever has one has all of its addresses.
_IPV6_PREFIX = 64
_WITH_PORT = re.compile(r"(?:(?P<ipv4>[0-9.]+):|\[(?P<ipv6>[^]]+)\]:?)[0-9]*")

logger = structlog.get_logger(__name__)


def address_of(request: HttpRequest) -> str:
    """Return the address that a request comes from.

    Where it was passed on from one of `TRUSTED_FORWARDERS`, that is the last entry of its
    `X-Forwarded-For`: the one that the forwarder itself has seen. Nobody else's is believed.
    """
    sender = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_FORWARDERS and "HTTP_X_FORWARDED_FOR" in request.META:
        forwarder = _parsed(sender)
        if forwarder and any(forwarder in each for each in settings.TRUSTED_FORWARDERS):
            client = _client(str(request.META["HTTP_X_FORWARDED_FOR"]))
            if client:
                return str(client)
            _warn_of(sender)
    return sender


def network_of(address: str) -> str:
    """Return what an address is counted as: itself, or the network of an IPv6 address."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((int(parsed), _IPV6_PREFIX), strict=False))
    return str(parsed or address)


@lru_cache(maxsize=100)
def _warn_of(forwarder: str) -> None:
    """Warn once of a forwarder whose users are all counted as itself, as it names none of them."""
    logger.warning("forwarded_address_unreadable", forwarder=forwarder)


def _client(forwarded: str) -> Address | None:
    """Return the last address of an `X-Forwarded-For`.

    Some proxies write the port behind it, as 192.0.2.1:41001 or [2001:db8::1]:4100, and some put
    it in quotes, as `Forwarded` (RFC 7239) has it. A list may have empty members (RFC 9110).
    """
    last = forwarded.rstrip(", \t").rpartition(",")[2].strip().strip('"')
    match = _WITH_PORT.fullmatch(last)
    return _parsed(match["ipv4"] or match["ipv6"] if match else last)


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A socket that takes both kinds writes IPv4 as ::ffff:192.0.2.1.
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
