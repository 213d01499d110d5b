"""How results are written into the body of an HTTP response that goes on and on.

Server-sent events are as https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md has
them in its mode of distinct connections. Multipart is as Apollo's clients read it:
https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol.
"""

from typing import Protocol


class Format(Protocol):
    """How one kind of clients reads a stream of results."""

    content_type: str
    opening: bytes
    heartbeat: bytes

    def result(self, text: bytes) -> bytes:
        """Return a GraphQL response, written as JSON, as a message."""

    def end(self, error: bytes | None) -> bytes:
        """Return the last message; `error` is an entry of `errors`, written as JSON."""


class ServerSentEvents:
    """What EventSource and graphql-sse read. (Our JSON has no line breaks.)"""

    content_type = "text/event-stream; charset=utf-8"
    opening = b":\n\n"
    heartbeat = b":\n\n"

    def result(self, text: bytes) -> bytes:
        """See Format."""
        return b"event: next\ndata: " + text + b"\n\n"

    def end(self, error: bytes | None) -> bytes:
        """See Format."""
        last = b"" if error is None else self.result(b'{"errors":[' + error + b"]}")
        return last + b"event: complete\ndata: \n\n"


class Multipart:
    """What Apollo Client reads. Each part ends with the boundary, or it would wait for the next."""

    content_type = 'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"'
    opening = b"\r\n--graphql"
    heartbeat = b"\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql"

    def result(self, text: bytes) -> bytes:
        """See Format."""
        return self._part(b'{"payload":' + text + b"}")

    def end(self, error: bytes | None) -> bytes:
        """See Format."""
        last = b"" if error is None else self._part(b'{"payload":null,"errors":[' + error + b"]}")
        return last + b"--\r\n"

    def _part(self, body: bytes) -> bytes:
        return b"\r\nContent-Type: application/json\r\n\r\n" + body + b"\r\n--graphql"


def format_for(accept: str) -> Format | None:
    """Return the format that an `Accept` header names, of two the first; None for any other."""
    for entry in accept.lower().split(","):
        media_type = entry.partition(";")[0].strip()
        if media_type == "text/event-stream":
            return ServerSentEvents()
        if media_type == "multipart/mixed":
            return Multipart()
    return None
