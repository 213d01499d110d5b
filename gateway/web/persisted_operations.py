"""Persisted operations: a request names its document by a hash instead of sending it.

`PERSISTED_OPERATIONS` is a JSON file of id to document, as the tools of Apollo and Relay write it,
or a folder of `.graphql` files. With `PERSISTED_OPERATIONS_ONLY` nothing else is executed, but for
what the page at `/` asks. Besides,
clients may register documents as they go, in the way of Apollo's automatic persisted queries: a
hash alone first, and with the document once it was not known
(https://www.apollographql.com/docs/apollo-server/performance/apq).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from sys import getsizeof
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from gateway.error_codes import ErrorCode
from gateway.kept import Kept

PAGE_OPERATIONS = Path(__file__).with_name("page_operations.json")
_NAMED = re.compile(r"\b(?:query|mutation|subscription)\s+([_A-Za-z][_0-9A-Za-z]*)")
MAX_REGISTERED_BYTES = 4_000_000  # in each process, of all registered documents together


class NotPersisted(Exception):
    """The document isn't known, or isn't one that may be executed. `code` says which."""

    def __init__(self, message: str, code: ErrorCode) -> None:
        super().__init__(message)
        self.code = code


class BadPersistedQuery(Exception):
    """The extension is not what it must be."""


def document(query: str | None, extensions: Mapping[str, Any] | None) -> str | None:
    """Return the document of a request: as sent, or by its hash; None if there is neither.

    Raise BadPersistedQuery and NotPersisted.
    """
    given = (extensions or {}).get("persistedQuery")
    allowed = _allowed()
    if given is None:
        if settings.PERSISTED_OPERATIONS_ONLY and query and query not in allowed.values():
            raise NotPersisted(
                "Only persisted operations are executed here.", ErrorCode.PERSISTED_QUERY_REQUIRED
            )
        return query
    if not isinstance(given, dict) or given.get("version", 1) != 1:
        raise BadPersistedQuery("'extensions.persistedQuery' must be an object of version 1.")
    key = given.get("sha256Hash")
    if not isinstance(key, str) or not key:
        raise BadPersistedQuery("'extensions.persistedQuery.sha256Hash' must be a text.")
    if (found := allowed.get(key)) is not None:
        return found
    if settings.PERSISTED_OPERATIONS_ONLY:
        raise NotPersisted(
            "There is no persisted operation of that hash.", ErrorCode.PERSISTED_QUERY_NOT_FOUND
        )
    return _automatic(key, query)


def _automatic(key: str, query: str | None) -> str:
    if not query:
        if (known := _registered.get(key)) is None:
            # Clients look for this text.
            raise NotPersisted("PersistedQueryNotFound", ErrorCode.PERSISTED_QUERY_NOT_FOUND)
        return known
    if hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest() != key:
        raise BadPersistedQuery("The hash is not that of the query.")
    _registered.put(key, query, getsizeof(query), most=settings.AUTOMATIC_PERSISTED_QUERIES)
    return query


_registered: Kept[str, str] = Kept(most_bytes=MAX_REGISTERED_BYTES)


def load() -> None:
    """Read what `PERSISTED_OPERATIONS` names. Raise ImproperlyConfigured if that can't be."""
    _allowed()


def operation_names() -> frozenset[str]:
    """Return the names of the operations that are persisted."""
    return _names(settings.PERSISTED_OPERATIONS)


@cache
def _names(place: str) -> frozenset[str]:
    return frozenset(name for text in _known(place).values() for name in _NAMED.findall(text))


def _allowed() -> Mapping[str, str]:
    return _known(settings.PERSISTED_OPERATIONS)


@cache
def _known(place: str) -> Mapping[str, str]:
    """Return the operations that are kept there, and those of the page at `/`."""
    return {**_read(str(PAGE_OPERATIONS)), **(_read(place) if place else {})}


def _read(place: str) -> Mapping[str, str]:
    path = Path(place)
    try:
        if path.is_dir():
            texts = [file.read_text() for file in sorted(path.rglob("*.graphql"))]
            return {hashlib.sha256(text.encode()).hexdigest(): text for text in texts}
        found = json.loads(path.read_text())
        # Apollo's manifest has a list of operations, each with its id and body.
        if isinstance(found, dict) and isinstance(found.get("operations"), list):
            found = {operation["id"]: operation["body"] for operation in found["operations"]}
        return {str(key): str(text) for key, text in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured(f"PERSISTED_OPERATIONS, {place}: {error}") from error
