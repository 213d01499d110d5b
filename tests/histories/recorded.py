"""Histories in files: what clients of the running product have recorded."""

from dataclasses import asdict, replace
from operator import attrgetter

import msgspec

from tests.histories.operations import NEVER, Facts, History, Operation
from tests.histories.streams import Stream


def written(history: History) -> bytes:
    """Return a history as a file has it, an operation a line; its first call is at 0."""
    start = min((one.called for one in history.operations), default=0)
    since = [
        replace(
            one,
            called=one.called - start,
            returned=one.returned - start if one.returned < NEVER else NEVER,
        )
        for one in history.operations
    ]
    lines = b",\n".join(_line(one) for one in sorted(since, key=attrgetter("called")))
    head = msgspec.json.encode(replace(history, operations=[]))
    return head.replace(b'"operations":[]', b'"operations":[\n' + lines + b"\n]") + b"\n"


def _line(operation: Operation) -> bytes:
    given = {name: value for name, value in asdict(operation).items() if value is not None}
    return msgspec.json.encode(given)


def read(content: bytes) -> History:
    """Return the history of a file."""
    return msgspec.json.decode(content, type=History)


def of_one_quote(history: History, quote: int) -> History:
    """Return what of a history is about one quote, and what without an answer may have been."""
    assert history.after is not None
    before, after = _about(history.before, quote), _about(history.after, quote)
    titles = {title for facts in (before, after) for title, *_ in facts.quotes.values()}
    return replace(
        history,
        operations=[one for one in history.operations if one.quote == quote or one.title in titles],
        streams=[_about_one(stream, quote) for stream in history.streams],
        before=before,
        after=after,
    )


def _about_one(stream: Stream, quote: int) -> Stream:
    return replace(
        stream,
        connections=[
            replace(connection, told=[told for told in connection.told if told.quote == quote])
            for connection in stream.connections
        ],
    )


def _about(facts: Facts, quote: int) -> Facts:
    return Facts(
        quotes={id_: one for id_, one in facts.quotes.items() if id_ == quote},
        replica={id_: one for id_, one in facts.replica.items() if id_ == quote},
        likes={(user, liked) for user, liked in facts.likes if liked == quote},
    )
