"""The door to the services: one HTTP exchange, whoever makes it.

Two modules have an `exchange` of this kind, held to the same tests: `fast`, and `plain`, which is
what `requests` does. `UPSTREAM_TRANSPORT` says which one `door` gives.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, Self

MAX_HEAD = 65_536  # bytes of status and headers, and of what came with their end


class Request(NamedTuple):
    """What is sent. One that may be `repeated` is sent once more if its connection breaks."""

    method: str
    address: str  # of the service, as http://host:port/prefix
    path: str  # and query string
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    repeated: bool = False

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return the same request with other headers besides."""
        return self._replace(headers={**self.headers, **headers})


class ExchangeFailed(Exception):
    """There was no whole response; the message says why, for the log."""


class ConnectionBroke(ExchangeFailed):
    """The connection broke before anything came back. What was sent may have been done, or not."""


class ExchangeTimedOut(ExchangeFailed):
    """There was no whole response in time."""


class Exchange(Protocol):
    """What a transport offers."""

    def __call__(
        self, request: Request, *, connect_seconds: float, seconds: float, max_bytes: int
    ) -> tuple[int, bytes]:
        """Send a request, and return status and body of the response. No redirect is followed.

        Raise `ExchangeTimedOut` if it isn't all there within `seconds`, `ExchangeFailed` if no
        connection can be had, if it breaks, or if the body has more than `max_bytes`, all that is
        around it (chunks' sizes and extensions, trailers) included, and
        ValueError for a header that `check_headers` refuses. Safe to call from all threads.
        """


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise ValueError for a header that could begin another line."""
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"no header can carry what {name} is to have")
