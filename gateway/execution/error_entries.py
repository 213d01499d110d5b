"""The entries of `errors`: each with a code, bounded in number and length, none of our insides.

Where an error stands is kept as an offset, and its line looked up when the entry is written. The
library would read the text anew for each error, from its start.
"""

import re
import secrets
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from graphql.execution.executor import CollectedErrors
from graphql.pyutils import Path

from gateway.error_codes import ErrorCode
from gateway.errors import GatewayError

Entry: TypeAlias = dict[str, Any]
MAX_ERRORS = 100  # of an execution: some rows of a page may have one or two each
MAX_DOCUMENT_ERRORS = 20  # of a document, which the library may quote anew for each
MAX_LOCATIONS = 10  # of one error: one of a field that is repeated stands in many places
MAX_MESSAGE = 500  # characters; messages quote names and values of the request
# What graphql-core says of a document that is too large to be parsed.
_TOO_LARGE = re.compile(r"Document contains more than|nested too deeply")
# and one about a value; what a document does with its variables is the validation's to say
_WRONG_VARIABLE = re.compile(r"Variable ('\$\w+' has invalid value|values are nested)")

logger = structlog.get_logger(__name__)


class FirstErrors(CollectedErrors):
    """The first errors of an execution; the others, such as those of each row, are counted."""

    __slots__ = ("left_out",)

    def __init__(self) -> None:
        super().__init__()
        self.left_out = 0

    def add(self, error: GraphQLError, path: Path | None) -> None:
        """Take an error that was raised there."""
        if len(self.errors) < MAX_ERRORS:
            super().add(error, path)
        elif not self.has_nulled_position(path):
            self.left_out += 1


class _Lines:
    """The lines of a document's text, which is read for them at most once."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(each.end() for each in re.finditer(r"\r\n|[\n\r]", self._text))]

    def location(self, offset: int) -> dict[str, int]:
        """Return line and column of an offset, both from 1."""
        line = bisect_right(self._starts, offset)
        return {"line": line, "column": offset - self._starts[line - 1] + 1}


def of_document(errors: Sequence[GraphQLError], text: str) -> list[Entry]:
    """Return the entries of what is wrong with a document or its variables.

    Whatever the library has met on the way, such as a number that is too long, is the caller's.
    """
    lines = _Lines(text)
    told = errors[:MAX_DOCUMENT_ERRORS]
    entries = [_entry(error, lines, _extensions_of_document(error)) for error in told]
    return [*entries, *_left_out(len(errors) - len(told), MAX_DOCUMENT_ERRORS)]


def of_execution(errors: Sequence[GraphQLError], text: str, left_out: int = 0) -> list[Entry]:
    """Return the entries of what has gone wrong in execution; our own faults are logged."""
    lines = _Lines(text)
    entries = [_of_execution(error, lines) for error in errors]
    return [*entries, *_left_out(left_out, MAX_ERRORS)]


def _left_out(number: int, limit: int) -> Iterator[Entry]:
    if number > 0:
        yield {
            "message": f"There are more errors; at most {limit} are told.",
            "extensions": {"code": ErrorCode.LIMIT_EXCEEDED, "limit": limit},
        }


def _entry(
    error: GraphQLError, lines: _Lines, extensions: dict[str, Any], message: str | None = None
) -> Entry:
    text = error.message if message is None else message
    if len(text) > MAX_MESSAGE:
        text = f"{text[: MAX_MESSAGE - 1]}…"
    entry: Entry = {"message": text}
    if error.positions:
        entry["locations"] = [lines.location(each) for each in [*error.positions][:MAX_LOCATIONS]]
    if error.path is not None:
        entry["path"] = error.path
    entry["extensions"] = extensions
    return entry


def _extensions_of_document(error: GraphQLError) -> dict[str, Any]:
    if (error.extensions or {}).get("code"):
        return error.extensions or {}
    if isinstance(error, GraphQLSyntaxError):
        too_large = _TOO_LARGE.search(error.message)
        code = ErrorCode.LIMIT_EXCEEDED if too_large else ErrorCode.GRAPHQL_PARSE_FAILED
    elif _WRONG_VARIABLE.match(error.message):
        code = ErrorCode.BAD_USER_INPUT
    else:
        code = ErrorCode.GRAPHQL_VALIDATION_FAILED
    return {"code": code}


def _of_execution(error: GraphQLError, lines: _Lines) -> Entry:
    cause = _cause(error)
    if isinstance(cause, GatewayError):
        return _entry(error, lines, cause.extensions, str(cause))
    if isinstance(cause, RecursionError):
        extensions = {"code": ErrorCode.LIMIT_EXCEEDED}
        return _entry(error, lines, extensions, "The request is nested too deeply.")
    if cause is not None:
        return _masked(error, cause, lines)
    if (error.extensions or {}).get("code"):
        return _entry(error, lines, error.extensions or {})
    return _entry(error, lines, {"code": ErrorCode.BAD_USER_INPUT})


def _cause(error: GraphQLError) -> Exception | None:
    """Return what was raised in our code; the library wraps its own errors as it does ours."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _masked(error: GraphQLError, cause: Exception, lines: _Lines) -> Entry:
    error_id = secrets.token_hex(8)
    logger.error("graphql_fault", error_id=error_id, path=error.path, exc_info=cause)
    message = "Something went wrong here. It has been noted under this id."
    return _entry(error, lines, {"code": ErrorCode.INTERNAL, "id": error_id}, message)
