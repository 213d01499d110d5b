"""What the server is answered, and after what its thread rests."""

from collections.abc import Iterable
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest

from gateway import wsgi
from gateway.server.threads import Threads

QUERY = b'{"query": "{ __typename }"}'
STATIC = "/static/gateway/page.css"


class AllRest(Threads):
    """Of which every one is to rest, and does so at once."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = self.ended = self.rests = 0

    def begin(self) -> None:
        """Count it."""
        self.begun += 1

    def end(self) -> bool:
        """Count it, and have it rest."""
        self.ended += 1
        return True

    def rest(self) -> None:
        """Count it."""
        self.rests += 1


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> AllRest:
    """Those that the door tells."""
    threads = AllRest()
    monkeypatch.setattr(wsgi, "threads", threads)
    return threads


def _ask(
    method: str, path: str, body: bytes = b"", version: str = "HTTP/1.1"
) -> tuple[str, Iterable[bytes]]:
    path, _, query = path.partition("?")
    environ: dict[str, object] = {
        "SERVER_PROTOCOL": version,
        "REQUEST_METHOD": method,
        "HTTP_HOST": "localhost",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    setup_testing_defaults(environ)
    statuses: list[str] = []

    def start_response(status: str, *_: object) -> object:
        statuses.append(status)
        return BytesIO().write

    answer = wsgi.application(environ, start_response)  # type: ignore[arg-type]
    return statuses[0], answer


def _close(answer: Iterable[bytes]) -> None:
    if close := getattr(answer, "close", None):
        close()


@pytest.mark.parametrize(
    ("method", "path", "body", "version", "status", "rests"),
    [
        ("POST", "/graphql", QUERY, "HTTP/1.1", "200 OK", 1),
        ("POST", "/graphql", QUERY, "HTTP/2", "200 OK", 0),  # it ends there when it is closed
        ("POST", "/graphql", QUERY, "HTTP/1", "200 OK", 0),
        # Of these the body may not have been read, and the server keeps it meanwhile.
        ("POST", "/graphql", b"?", "HTTP/1.1", "400 Bad Request", 0),
        ("GET", "/graphql?query={__typename}", b"", "HTTP/1.1", "200 OK", 0),
        ("GET", "/healthz", b"", "HTTP/1.1", "200 OK", 0),
        ("GET", STATIC, b"", "HTTP/1.1", "200 OK", 0),
    ],
)
def test_a_thread_rests_after_what_both_sides_know_to_be_whole(
    threads: AllRest, method: str, path: str, body: bytes, version: str, status: str, rests: int
) -> None:
    told, answer = _ask(method, path, body, version)
    assert told == status
    assert b"".join(answer)
    assert threads.rests == 0
    _close(answer)
    assert (threads.begun, threads.ended, threads.rests) == (1, 1, rests)


def test_a_thread_is_at_a_file_until_the_client_has_it(threads: AllRest) -> None:
    _, answer = _ask("GET", STATIC)
    assert b"".join(answer)
    assert threads.ended == 0
    _close(answer)
    assert threads.ended == 1
    assert threads.rests == 0


def test_a_fault_ends_the_request(threads: AllRest, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(wsgi, "_django", fail)
    with pytest.raises(RuntimeError, match="a fault"):
        _ask("GET", "/healthz")
    assert threads.ended == 1
