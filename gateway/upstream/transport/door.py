"""The transport that `UPSTREAM_TRANSPORT` names."""

from django.conf import settings

from gateway.upstream.transport.interface import Exchange

exchange: Exchange
if settings.UPSTREAM_TRANSPORT == "requests":
    from gateway.upstream.transport import plain

    exchange = plain.exchange
else:
    from gateway.upstream.transport.fast import exchange as fast

    exchange = fast.exchange
