"""One exchange with a service, whatever bytes it answers with."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace

import pytest

from gateway.upstream.transport.door import exchange
from gateway.upstream.transport.fast.connections import origin_of
from gateway.upstream.transport.interface import ExchangeFailed, ExchangeTimedOut, Request
from tests.gateway.ways import fast_transport
from tools.children import wait_until


@pytest.fixture
def service() -> Iterator[Callable[..., list[bytes]]]:
    """Answer a function that has a service send these pieces, each once a connection is asked, and
    with so many seconds in between.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []
    done = threading.Event()
    threads: list[threading.Thread] = []

    def start(*connections: list[bytes], then_close: bool = True, pause: float = 0) -> list[bytes]:
        def serve() -> None:
            for pieces in connections:
                connection, _ = listener.accept()
                with connection:
                    asked.append(_received(connection))
                    with suppress(OSError):  # who asked may have given up
                        for piece in pieces:
                            connection.sendall(piece)
                            done.wait(pause)
                    if not then_close:
                        done.wait(30)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return asked

    start.url = f"http://127.0.0.1:{listener.getsockname()[1]}"  # type: ignore[attr-defined]
    yield start
    done.set()
    for thread in threads:
        thread.join(30)
    listener.close()


def _received(connection: socket.socket) -> bytes:
    """Return a request as it came, with its body of two bytes if it has one."""
    received = connection.recv(65_536)
    while b"Content-Length: 2\r\n" in received and not received.endswith(b"{}"):
        received += connection.recv(65_536)
    return received


def _exchange(
    service: object, *, seconds: float = 20, max_bytes: int = 1000, **given: object
) -> tuple[int, bytes]:
    asked: dict[str, object] = {"method": "GET", "path": "/x"} | given
    request = Request(address=getattr(service, "url", ""), **asked)  # type: ignore[arg-type]
    return exchange(request, connect_seconds=20, seconds=seconds, max_bytes=max_bytes)


ANSWERS = {
    "with a length": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    "in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"1\r\nh\r\n1\r\ni\r\n0\r\n\r\n",
    "to the end of the connection": b"HTTP/1.1 200 OK\r\n\r\nhi",
    "of the old version": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    "after a first word": b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
}


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("bytewise", [False, True])
def test_an_answer_is_read_however_it_is_framed(
    service: Callable[..., list[bytes]], kind: str, bytewise: bool
) -> None:
    whole = ANSWERS[kind]
    service([bytes([each]) for each in whole] if bytewise else [whole])
    assert _exchange(service) == (200, b"hi")


@fast_transport
def test_what_comes_unasked_with_an_answer_is_nobodys(service: Callable[..., list[bytes]]) -> None:
    """Kept for the next request, it would be another caller's answer."""
    answer = ANSWERS["with a length"]
    service([answer + answer.replace(b"hi", b"no")])
    with pytest.raises(ExchangeFailed, match="more than one answer"):
        _exchange(service)


@fast_transport
def test_what_comes_unasked_later_is_nobodys() -> None:
    answer = ANSWERS["with a length"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        service = SimpleNamespace(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        with ThreadPoolExecutor() as pool:
            first = pool.submit(_exchange, service)
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)
                assert first.result() == (200, b"hi")
                connection.sendall(answer.replace(b"hi", b"no"))
                wait_until(lambda: _unread(service), patience=20, what="it is there, unread")
                second = pool.submit(_exchange, service)
                other, _ = listener.accept()
                with other:
                    other.recv(65_536)
                    other.sendall(answer)
                    assert second.result() == (200, b"hi")


def _unread(service: object) -> bool:
    """Tell whether bytes wait on the kept connection."""
    (kept,) = origin_of(getattr(service, "url", ""))._idle
    return kept.has_ended()


def test_headers_without_an_end_are_cut_off(service: Callable[..., list[bytes]]) -> None:
    service([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000])
    with pytest.raises(ExchangeFailed):
        _exchange(service)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi",
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", marks=fast_transport),
        b"SSH-2.0-OpenSSH_9.2\r\n",
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", marks=fast_transport),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001,
    ],
)
def test_what_is_no_whole_answer_is_a_failure(
    service: Callable[..., list[bytes]], answer: bytes
) -> None:
    service([answer])
    with pytest.raises(ExchangeFailed):
        _exchange(service)


def test_a_byte_now_and_then_does_not_put_the_end_off(
    service: Callable[..., list[bytes]],
) -> None:
    slow = [b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n", *[b"h"] * 30]
    service(slow, pause=0.1)
    with pytest.raises(ExchangeTimedOut):
        _exchange(service, seconds=1)


def test_a_body_is_too_large_as_soon_as_it_is_whether_or_not_it_ends(
    service: Callable[..., list[bytes]],
) -> None:
    service([b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"x" * 1001], then_close=False)
    with pytest.raises(ExchangeFailed, match="body is too large"):
        _exchange(service)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
AROUND_THE_BODY = {
    "extensions": [CHUNKED, *[b"1;" + b"x" * 5_000 + b"\r\nh\r\n"] * 40],
    "an extension": [CHUNKED, b"1;", *[b"x" * 5_000] * 40],
    "trailers": [CHUNKED, b"0\r\n", *[b"X: " + b"y" * 5_000 + b"\r\n"] * 40],
    "chunks of a byte": [CHUNKED, b"0000000000000001\r\nh\r\n" * 900, b"0" * 200_000],
    "first words": [b"HTTP/1.1 102 Wait\r\nX: " + b"y" * 5_000 + b"\r\n\r\n"] * 40,
}


@pytest.mark.parametrize(
    "kind",
    # `requests` takes a first word for the whole response
    [
        pytest.param(each, marks=[fast_transport] * (each == "first words"))
        for each in AROUND_THE_BODY
    ],
)
def test_what_is_around_a_body_counts_too(service: Callable[..., list[bytes]], kind: str) -> None:
    service(AROUND_THE_BODY[kind], then_close=False)
    with pytest.raises(ExchangeFailed) as failed:
        _exchange(service)
    assert not isinstance(failed.value, ExchangeTimedOut)


def test_a_read_is_sent_again_after_a_hang_up_and_a_write_is_not(
    service: Callable[..., list[bytes]],
) -> None:
    last = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"
    asked = service([], [last], [])
    assert _exchange(service, repeated=True) == (200, b"hi")
    assert len(asked) == 2
    with pytest.raises(ExchangeFailed):
        _exchange(service, method="POST", body=b"{}")
    assert len(asked) == 3


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\n", "\x00", "ü"])
def test_a_header_that_could_begin_another_is_never_sent(value: str) -> None:
    with pytest.raises(ValueError, match="no header"):
        _exchange(SimpleNamespace(url="http://127.0.0.1:9"), headers={"Idempotency-Key": value})


def test_a_body_goes_with_its_length(service: Callable[..., list[bytes]]) -> None:
    asked = service([ANSWERS["with a length"]])
    _exchange(
        service,
        method="POST",
        body=b"{}",
        headers={"Content-Type": "application/json"},
    )
    head, _, body = asked[0].partition(b"\r\n\r\n")
    assert body == b"{}"
    assert head.splitlines()[0] == b"POST /x HTTP/1.1"
    assert {b"Content-Length: 2", b"Content-Type: application/json"} <= set(head.splitlines())


def test_a_body_that_the_system_does_not_take_at_once_is_sent_whole() -> None:
    body = bytes(range(256)) * 40_000
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        sent = pool.submit(_post, listener, body)
        connection, _ = listener.accept()
        with connection:
            received = b""
            while not received.endswith(body):
                received += connection.recv(65_536)
            connection.sendall(ANSWERS["with a length"])
            assert sent.result() == (200, b"hi")
    assert b"Content-Length: 10240000" in received[:200]


def test_a_service_that_does_not_take_a_body_is_waited_for_until_the_deadline() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(ExchangeTimedOut),
    ):
        _post(listener, b"x" * 40_000_000, seconds=0.3)


@fast_transport
def test_what_is_too_late_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = origin_of(f"http://127.0.0.1:{listener.getsockname()[1]}").connect(5)
        accepted, _ = listener.accept()
        with accepted:
            with pytest.raises(TimeoutError):
                connection.send(b"POST / HTTP/1.1", time.monotonic() - 1)
            connection.close()
            assert accepted.recv(1) == b""


def _post(listener: socket.socket, body: bytes, seconds: float = 20) -> tuple[int, bytes]:
    service = SimpleNamespace(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
    return _exchange(service, method="POST", body=body, seconds=seconds)


def test_an_unknown_host_is_a_failure() -> None:
    request = Request("GET", "http://nowhere.invalid", "/")
    with pytest.raises(ExchangeFailed):
        exchange(request, connect_seconds=5, seconds=5, max_bytes=10)
