"""A wait for a service is told, so that another thread works meanwhile."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.server.threads import Threads
from gateway.upstream.transport.fast import connections, sockets
from gateway.upstream.transport.fast.connections import Origin, tls_context
from gateway.upstream.transport.fast.sockets import Connection
from tests.gateway.certificates import self_signed
from tools.children import wait_until

PATIENCE = 30


class Told(Threads):
    """Threads of which is known how many have told that they wait."""

    now = 0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count it."""
        self.now += 1
        try:
            yield
        finally:
            self.now -= 1

    def wait_until_told(self) -> None:
        """Return when somebody waits."""
        wait_until(lambda: self.now == 1, patience=PATIENCE, what="the wait is told")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the connections tell."""
    threads = Told()
    monkeypatch.setattr(sockets, "threads", threads)
    monkeypatch.setattr(connections, "threads", threads)
    return threads


@pytest.fixture(params=["http", "https"])
def connected(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Connection, socket.socket]]:
    """A connection that has just been made, and its other side."""
    tls = request.param == "https"
    certificate = self_signed("localhost", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    tls_context.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:

        def accept() -> socket.socket:
            other, _ = listener.accept()
            return context.wrap_socket(other, server_side=True) if tls else other

        accepted = pool.submit(accept)
        connection = Origin("localhost", listener.getsockname()[1], tls, "").connect(PATIENCE)
        with accepted.result() as other:
            yield connection, other
        connection.close()
    tls_context.cache_clear()


def _in_thread(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_who_waits_for_an_answer_tells(
    told: Told, connected: tuple[Connection, socket.socket]
) -> None:
    connection, other = connected
    for _ in range(2):  # with TLS, the first answer comes after what nobody has asked for
        received: list[bytes] = []
        thread = _in_thread(
            lambda: received.append(bytes(connection.receive(time.monotonic() + PATIENCE)))  # noqa: B023
        )
        told.wait_until_told()
        other.sendall(b"answer")
        thread.join(PATIENCE)
        assert received == [b"answer"]
        assert told.now == 0


def test_who_sends_more_than_is_taken_tells(
    told: Told, connected: tuple[Connection, socket.socket]
) -> None:
    connection, other = connected
    body = b"x" * 20_000_000
    thread = _in_thread(lambda: connection.send(body, time.monotonic() + PATIENCE))
    told.wait_until_told()
    size = 0
    while size < len(body):
        size += len(other.recv(1_000_000))
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert told.now == 0


def test_what_does_not_come_in_time_is_not_waited_for(
    connected: tuple[Connection, socket.socket],
) -> None:
    connection, _ = connected
    with pytest.raises(TimeoutError):
        connection.receive(time.monotonic() + 0.01)
    with pytest.raises(TimeoutError):
        connection.send(b"x" * 20_000_000, time.monotonic() + 0.01)


def test_who_waits_for_a_connection_tells(told: Told) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        # What is accepted by nobody fills the queue, and the system is silent then.
        filling = [socket.socket() for _ in range(3)]
        for each in filling:
            each.setblocking(False)
            each.connect_ex(address)

        def connect() -> None:
            with pytest.raises(TimeoutError):
                Origin("127.0.0.1", address[1], False, "").connect(2)

        thread = _in_thread(connect)
        told.wait_until_told()
        thread.join(PATIENCE)
        assert told.now == 0
        for each in filling:
            each.close()
