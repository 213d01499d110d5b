"""Where a request comes from."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
# What a provider gives one customer at the least; whoever has one has all of its addresses.
_IPV6_PREFIX = 64


def address_of(request: HttpRequest) -> str:
    """Return the address that a request comes from.

    Where it was passed on from one of `TRUSTED_FORWARDERS`, that is the last entry of its
    `X-Forwarded-For`: the one that the forwarder itself has seen. Nobody else's is believed.
    """
    sender = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_FORWARDERS and "HTTP_X_FORWARDED_FOR" in request.META:
        forwarder = _parsed(sender)
        last = str(request.META["HTTP_X_FORWARDED_FOR"]).rpartition(",")[2]
        client = _parsed(last.strip())
        if forwarder and client and any(forwarder in each for each in settings.TRUSTED_FORWARDERS):
            return str(client)
    return sender


def network_of(address: str) -> str:
    """Return what an address is counted as: itself, or the network of an IPv6 address."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((int(parsed), _IPV6_PREFIX), strict=False))
    return str(parsed or address)


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A socket that takes both kinds writes IPv4 as ::ffff:192.0.2.1.
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
