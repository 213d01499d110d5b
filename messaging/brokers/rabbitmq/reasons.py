"""Why a connection could not be made, or was ended: what an operator can act on, in a line."""

import ssl
from collections.abc import Iterator

from pika.exceptions import (
    IncompatibleProtocolError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

_MOST_NESTED = 20


def names_content(reason: str) -> bool:
    """Return whether RabbitMQ ends a channel or connection with this for one message alone.

    It is too large; its header fills no frame; or its routing key is not permitted to us.
    """
    return reason.startswith(("406 ", "501 ", "502 ")) or (
        reason.startswith("403 ") and "topic" in reason
    )


def reason_of(error: BaseException) -> str:
    """Say what happened in a line: pika's own texts are nested and sometimes empty."""
    found = str(error)
    for inner in _nested(error):
        code, text = getattr(inner, "reply_code", None), getattr(inner, "reply_text", None)
        if code is not None:
            return f"{code} {text}"
        if isinstance(inner, ssl.SSLCertVerificationError):
            return f"TLS: its certificate is not trusted: {inner.verify_message}"
        if isinstance(inner, ssl.SSLError):
            return f"TLS failed: {inner.reason}: does it speak TLS at this port?"
        if isinstance(inner, IncompatibleProtocolError):
            return f"it does not speak AMQP at this port, or speaks TLS: {_words(inner)}"
        if isinstance(inner, ProbableAuthenticationError):
            return f"user or password is wrong: {_words(inner)}"
        if isinstance(inner, ProbableAccessDeniedError):
            return f"the virtual host is not open to this user: {_words(inner)}"
        if isinstance(inner, OSError):
            return inner.strerror or str(inner) or type(inner).__name__
        found = str(inner) or found
    name = type(error).__name__
    return f"{name}: {found}" if found else name


def _nested(error: BaseException) -> Iterator[BaseException]:
    """Go through an error and those within it: pika keeps them in three ways."""
    waiting, seen = [error], 0
    while waiting and seen < _MOST_NESTED:
        current = waiting.pop()
        seen += 1
        yield current
        within = [*getattr(current, "exceptions", ())[:-1], *current.args]
        within += [*getattr(current, "exceptions", ())[-1:], getattr(current, "exception", None)]
        waiting += [each for each in within if isinstance(each, BaseException)]


def _words(error: BaseException) -> str:
    return " ".join(map(str, error.args)) or type(error).__name__
