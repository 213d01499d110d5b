"""Calls to the product's own services: whom they trust, the same wherever they come from.

Trusted is what OpenSSL trusts on this machine, or the file and folder that `SSL_CERT_FILE` and
`SSL_CERT_DIR` name. The library `requests` has a list of its own, which knows no private CA.
"""

import ssl
from functools import cache
from typing import Any

import requests
from requests.adapters import HTTPAdapter


@cache
def tls_context() -> ssl.SSLContext:
    """Return what connections with TLS have in common: whom they trust."""
    return ssl.create_default_context()


def service_session() -> requests.Session:
    """Return a session to call services with; for one thread, as all of them are.

    No proxy and no .netrc of the environment has a say: the services are beside us.
    """
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _TrustingAdapter())
    return session


class _TrustingAdapter(HTTPAdapter):
    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {**pool, "ssl_context": tls_context()}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the connection as the context has it: the library would add its own list."""
