"""Calls to the product's own services: whom they trust, the same wherever they come from.

Trusted is what OpenSSL trusts on this machine, or the file and folder that `SSL_CERT_FILE` and
`SSL_CERT_DIR` name. The library `requests` has a list of its own, which knows no private CA.
"""

import ssl
from functools import cache
from time import perf_counter
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from observability.client_metrics import measure


@cache
def tls_context() -> ssl.SSLContext:
    """Return what connections with TLS have in common: whom they trust."""
    return ssl.create_default_context()


def service_session(measured_as: str = "") -> requests.Session:
    """Return a session to call services with; for one thread, as all of them are.

    No proxy and no .netrc of the environment has a say: the services are beside us. With the name
    of the one service that it is for, its requests are among the metrics.
    """
    session = _MeasuredSession(measured_as) if measured_as else requests.Session()
    session.trust_env = False
    session.mount("https://", _TrustingAdapter())
    return session


class _MeasuredSession(requests.Session):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request, and count it by its status, or by the error instead."""
        started, method = perf_counter(), request.method or ""
        try:
            response = super().send(request, **kwargs)
        except requests.RequestException as error:
            word = "timeout" if isinstance(error, requests.Timeout) else "unavailable"
            measure(self._service, method, "", word, started)
            raise
        measure(self._service, method, response.status_code, "", started)
        return response


class _TrustingAdapter(HTTPAdapter):
    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {**pool, "ssl_context": tls_context()}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the connection as the context has it: the library would add its own list."""
