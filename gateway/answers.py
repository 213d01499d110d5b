"""Reading the services' JSON: what isn't of the agreed shape is a fault of the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog

from gateway.errors import UpstreamUnavailable

logger = structlog.get_logger(__name__)


@contextmanager
def reading(service: str) -> Iterator[None]:
    """Turn a missing or ill-typed member, found in the enclosed lines, into `UpstreamUnavailable`.

    Enclose nothing but the reading of one answer.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        logger.warning("upstream_answer_malformed", service=service, reason=repr(error))
        raise UpstreamUnavailable(service) from error


def members(document: Any, name: str) -> list[dict[str, Any]]:
    """Answer a list of objects in an object."""
    found = _object(document)[name]
    if not isinstance(found, list):
        raise TypeError(f"{name} is no list")
    return [_object(item) for item in found]


def member(document: Any, name: str) -> dict[str, Any]:
    """Answer an object in an object."""
    return _object(_object(document)[name])


def text(document: Any, name: str) -> str:
    """Answer a text."""
    found = _object(document)[name]
    if not isinstance(found, str):
        raise TypeError(f"{name} is no text")
    return found


def optional_text(document: Any, name: str) -> str | None:
    """Answer a text that may be null or absent."""
    return None if _object(document).get(name) is None else text(document, name)


def number(document: Any, name: str) -> int:
    """Answer a whole number."""
    found = _object(document)[name]
    if not isinstance(found, int) or isinstance(found, bool):
        raise TypeError(f"{name} is no whole number")
    return found


def optional_number(document: Any, name: str) -> int | None:
    """Answer a whole number that may be null or absent."""
    return None if _object(document).get(name) is None else number(document, name)


def flag(document: Any, name: str) -> bool:
    """Answer a truth value."""
    found = _object(document)[name]
    if not isinstance(found, bool):
        raise TypeError(f"{name} is neither true nor false")
    return found


def moment(document: Any, name: str) -> datetime:
    """Answer a point in time, which must name its zone."""
    found = datetime.fromisoformat(text(document, name))
    if found.tzinfo is None:
        raise ValueError(f"{name} names no time zone")
    return found


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise TypeError("no object")
    return document
