"""What an exchange over TLS trusts."""

import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.upstream.transport.door import exchange
from gateway.upstream.transport.interface import ExchangeFailed, Request
from tests.gateway.certificates import self_signed
from tests.identity.conftest import PATIENCE
from web.trust import tls_context

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class Service:
    """A service at localhost that speaks TLS, with the certificate of some host."""

    def __init__(self, certificate: Path, stack: ExitStack) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self._pool = stack.enter_context(ThreadPoolExecutor(1))
        self._url = f"https://localhost:{self._listener.getsockname()[1]}"

    def serve(self, times: int) -> Future[int]:
        """Take one connection, and answer so many requests on it."""
        return self._pool.submit(self._serve, times)

    def ask(self) -> tuple[int, bytes]:
        """Exchange a request for an answer."""
        request = Request("GET", self._url, "/x")
        return exchange(request, connect_seconds=PATIENCE, seconds=PATIENCE, max_bytes=1000)

    def _serve(self, times: int) -> int:
        plain, _ = self._listener.accept()
        with self._context.wrap_socket(plain, server_side=True) as connection:
            for _ in range(times):
                if connection.recv(65_536):
                    connection.sendall(ANSWER)
        return times


@pytest.fixture
def service_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Service]]:
    """Answer a function that starts a service with the certificate of a host, trusted or not."""

    def start(host: str, *, trusted: bool) -> Service:
        certificate = self_signed(host, tmp_path)
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        tls_context.cache_clear()
        return Service(certificate, stack)

    with ExitStack() as stack:
        yield start
    tls_context.cache_clear()


def test_a_certificate_that_is_trusted_is_taken_and_its_connection_kept(
    service_of: Callable[..., Service],
) -> None:
    service = service_of("localhost", trusted=True)
    served = service.serve(2)
    assert [service.ask(), service.ask()] == [(200, b"hi")] * 2
    assert served.result(PATIENCE) == 2


def test_a_strangers_certificate_is_refused(service_of: Callable[..., Service]) -> None:
    service = service_of("localhost", trusted=False)
    refused = service.serve(1)
    with pytest.raises(ExchangeFailed, match="certificate verify failed"):
        service.ask()
    assert isinstance(refused.exception(PATIENCE), ssl.SSLError)


def test_a_trusted_certificate_of_another_host_is_refused(
    service_of: Callable[..., Service],
) -> None:
    service = service_of("elsewhere.example", trusted=True)
    refused = service.serve(1)
    with pytest.raises(ExchangeFailed, match="Hostname mismatch"):
        service.ask()
    assert isinstance(refused.exception(PATIENCE), ssl.SSLError)
