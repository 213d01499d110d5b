"""A connection that can't be made says why, in words that an operator can act on."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from messaging.brokers import broker_for
from messaging.brokers.rabbitmq.addresses import urls_of
from messaging.brokers.rabbitmq.connection import Connection
from messaging.errors import BrokerUnavailable
from tools.ports import free_port

PASSWORD = "a-password-of-ours"


def reason(url: str) -> str:
    with pytest.raises(BrokerUnavailable) as caught:
        broker_for(url, "test").publisher().open()
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def of_unknown_authority(tmp_path: Path) -> Iterator[int]:
    """The port of a server that speaks TLS, with a certificate that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = (
        builder.not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_shake_one_hand, args=[listening, context])
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def _shake_one_hand(listening: socket.socket, context: ssl.SSLContext) -> None:
    accepted, _ = listening.accept()
    accepted.settimeout(10)
    try:
        context.wrap_socket(accepted, server_side=True).recv(1)
    except OSError:  # what the client makes of it counts
        accepted.close()


def test_a_certificate_of_an_unknown_authority_is_said(of_unknown_authority: int) -> None:
    said = reason(f"amqps://guest:{PASSWORD}@localhost:{of_unknown_authority}/")
    assert "certificate is not trusted: self-signed certificate" in said


def test_a_port_that_speaks_tls_is_said_to_one_who_does_not(of_unknown_authority: int) -> None:
    said = reason(f"amqp://guest:{PASSWORD}@localhost:{of_unknown_authority}/")
    assert "speaks TLS" in said


def test_a_port_that_speaks_no_tls_is_said_to_one_who_does(rabbitmq_url: str) -> None:
    assert "does it speak TLS" in reason(rabbitmq_url.replace("amqp:", "amqps:"))


def test_a_connection_that_is_refused_is_said() -> None:
    port = free_port()
    said = reason(f"amqp://guest:{PASSWORD}@127.0.0.1:{port}/")
    assert said == f"127.0.0.1:{port}/: Connection refused"


def test_a_name_that_nobody_knows_is_said() -> None:
    said = reason(f"amqp://guest:{PASSWORD}@nowhere.invalid/")
    assert said.startswith("nowhere.invalid:5672/: ")
    assert "name" in said.lower()


def test_a_wrong_password_is_said(rabbitmq_url: str) -> None:
    said = reason(rabbitmq_url.replace("guest:guest", f"guest:{PASSWORD}"))
    assert "user or password is wrong" in said
    assert "ACCESS_REFUSED" in said


def test_a_virtual_host_that_is_not_there_is_said(rabbitmq_url: str) -> None:
    said = reason(f"{rabbitmq_url}nowhere")
    assert "/nowhere: " in said
    assert "vhost nowhere not found" in said


@pytest.mark.parametrize("password", ["a,b", "a, b", "a%2Cb", ",", "amqp,amqps", "é:ü"])
def test_a_comma_in_a_password_is_none_between_nodes(password: str) -> None:
    url = f"amqp://guest:{password}@one:5672/"
    assert urls_of(f"{url}, {url}") == [url, url]
    made = Connection(url, "test", lambda channel: None, lambda lost: None, fast=True)
    assert made._parameters.host == "one"
    assert made._parameters.credentials.password == password.replace("%2C", ",")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "password", ["a#b", "1#b", "a/b", "1/b", "a?b", "1?b", "[", "a#b@c", "/", "#"]
)
def test_a_password_that_must_be_written_otherwise_is_told_and_not_shown(password: str) -> None:
    with pytest.raises(ValueError, match="percent signs") as caught:
        broker_for(f"amqp://guest:{password}-{PASSWORD}@one:5672/", "test")
    assert PASSWORD not in str(caught.value)
