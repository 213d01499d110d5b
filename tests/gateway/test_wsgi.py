"""What the server is answered, and after what its thread rests."""

from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest

from gateway import wsgi
from gateway.threads import Threads


class AllRest(Threads):
    """Of which every one is to rest, and does so at once."""

    rests = 0

    def end(self) -> bool:
        """Always."""
        return True

    def rest(self) -> None:
        """Count it."""
        self.rests += 1


@pytest.mark.parametrize(
    ("path", "version", "rests"),
    [
        ("/graphql", "HTTP/1.1", 1),
        ("/graphql", "HTTP/2", 0),  # an answer ends there when its thread says so
        ("/graphql", "HTTP/1", 0),
        ("/healthz", "HTTP/1.1", 0),  # has no length
        ("/static/gateway/page.css", "HTTP/1.1", 0),  # is sent in pieces
    ],
)
def test_a_thread_rests_after_what_the_client_knows_to_be_whole(
    monkeypatch: pytest.MonkeyPatch, path: str, version: str, rests: int
) -> None:
    threads = AllRest()
    monkeypatch.setattr(wsgi, "threads", threads)
    environ: dict[str, object] = {
        "SERVER_PROTOCOL": version,
        "HTTP_HOST": "localhost",
        "PATH_INFO": path,
        "wsgi.input": BytesIO(),
    }
    setup_testing_defaults(environ)
    answer = wsgi.application(environ, lambda *told: BytesIO().write)
    assert b"".join(answer)
    assert threads.rests == 0
    if close := getattr(answer, "close", None):
        close()
    assert threads.rests == rests
