"""A service that speaks TLS, and whether its certificate is trusted here."""

import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.gateway.certificates import self_signed
from web.trust import tls_context


class Answers(BaseHTTPRequestHandler):
    """What Quotes and Likes say, as far as these tests ask."""

    def do_GET(self) -> None:
        body = b'{"keys": [], "items": []}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def https_service(
    host: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: str = ""
) -> Iterator[str]:
    """Give the address of a service with the certificate of a host, which is trusted by a "file"
    or a "folder", or not at all.
    """
    certificate = self_signed(host, folder)
    if trusted == "file":
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    if trusted == "folder":
        (folder / f"{hash_of(certificate)}.0").write_bytes(certificate.read_bytes())
        monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    tls_context.cache_clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"https://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        tls_context.cache_clear()


def hash_of(certificate: Path) -> str:
    """Return the name under which OpenSSL looks for a certificate in a folder."""
    command = ["openssl", "x509", "-noout", "-hash", "-in", str(certificate)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
