"""Calls to Quotes; no other file makes any."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import requests
import structlog
from django.conf import settings

from likes_service.errors import QuotesUnavailable
from likes_service.replica import QuoteState
from observability.trace import current_traceparent, part_of_trace
from web.trust import service_session

# On one network a connection takes a millisecond; one that takes a second will not come.
CONNECT_TIMEOUT = timedelta(seconds=1)
# A quote is read in a few milliseconds. Somebody waits meanwhile for their like.
READ_TIMEOUT = timedelta(seconds=2)
MAX_RESPONSE_BYTES = 1_000_000  # a quote is under 10 kB
PAGE_SIZE = 100  # the most that Quotes gives at once

log = structlog.get_logger(__name__)
_of_thread = threading.local()  # a Session is not safe to share


def fetch_quote(quote_id: int) -> QuoteState | None:
    """Ask Quotes for a quote; None if it has none of that id.

    Raises QuotesUnavailable if it doesn't answer, or not as its contract says.
    """
    response, body = _get(f"/quotes/{quote_id}")
    if response.status_code == requests.codes.not_found:
        return None
    if response.status_code != requests.codes.ok:
        raise _unexpected(f"status {response.status_code}")
    try:
        state = QuoteState.parse(orjson.loads(body))
    except (KeyError, TypeError, ValueError) as error:
        raise _unexpected(f"not a quote: {error}") from error
    if state.id != quote_id:
        raise _unexpected(f"quote {state.id} instead of {quote_id}")
    return state


@dataclass(frozen=True)
class QuotesPage:
    """A page of quotes, oldest first; `next_after` is the cursor of the next, if there is one."""

    states: list[QuoteState]
    next_after: str | None


def fetch_quotes_page(after: str | None) -> QuotesPage:
    """Ask Quotes for the quotes behind a cursor, or the first. Raises QuotesUnavailable."""
    query = {"order": "oldest", "limit": str(PAGE_SIZE)} | ({"after": after} if after else {})
    states, info = _quotes(query)
    next_after = info.get("end_cursor") if info.get("has_next") else None
    return QuotesPage(states, next_after if isinstance(next_after, str) else None)


def fetch_quotes(quote_ids: Sequence[int]) -> list[QuoteState]:
    """Ask Quotes for up to PAGE_SIZE quotes; those it does not have are left out.

    Raises QuotesUnavailable.
    """
    states, _ = _quotes({"id": ",".join(map(str, quote_ids))})
    return states


def newest_quote_id() -> int:
    """Ask Quotes for its newest quote's id, 0 if there is none. Raises QuotesUnavailable."""
    states, _ = _quotes({"order": "newest", "limit": "1"})
    return states[0].id if states else 0


def _quotes(query: Mapping[str, str]) -> tuple[list[QuoteState], Mapping[str, Any]]:
    response, body = _get(f"/quotes?{urlencode(query)}")
    if response.status_code != requests.codes.ok:
        raise _unexpected(f"status {response.status_code}")
    try:
        page = orjson.loads(body)
        return [QuoteState.parse(item) for item in page["items"]], dict(page["page_info"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unexpected(f"not a list of quotes: {error}") from error


def heard_by_quotes() -> int | None:
    """Ask Quotes for the greatest sequence that it has heard of us; None if it can't be asked."""
    try:
        response, body = _get("/known")
        if response.status_code != requests.codes.ok:
            raise _unexpected(f"status {response.status_code}")
        return int(orjson.loads(body)["sequence"])
    except (KeyError, TypeError, ValueError, QuotesUnavailable):
        return None


def quotes_is_alive() -> bool:
    """Return whether Quotes answers at all."""
    try:
        response, _ = _get("/healthz")
    except QuotesUnavailable:
        return False
    return response.status_code == requests.codes.ok


def _get(path: str) -> tuple[requests.Response, bytes]:
    """GET, and once again when the connection breaks: Quotes may have closed an idle one."""
    try:
        try:
            return _get_once(path)
        except requests.ConnectTimeout:
            raise
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return _get_once(path)
    except requests.RequestException as error:
        log.warning("quotes_unavailable", path=path, error=f"{type(error).__name__}: {error}")
        raise QuotesUnavailable("Quotes doesn't answer at the moment.") from error


def _get_once(path: str) -> tuple[requests.Response, bytes]:
    with part_of_trace("GET quotes", "CLIENT", {"peer.service": "quotes"}):
        return _fetched(path)


def _fetched(path: str) -> tuple[requests.Response, bytes]:
    traceparent = current_traceparent()
    with _session().get(
        f"{settings.QUOTES_URL}{path}",
        headers={"traceparent": traceparent} if traceparent else None,
        timeout=(CONNECT_TIMEOUT.total_seconds(), READ_TIMEOUT.total_seconds()),
        allow_redirects=False,
        stream=True,
    ) as response:
        return response, _body(response)


def _body(response: requests.Response) -> bytes:
    body = b""
    for part in response.iter_content(chunk_size=64 * 1024):
        body += part
        if len(body) > MAX_RESPONSE_BYTES:
            raise _unexpected("too long a response")
    return body


def _session() -> requests.Session:
    session: requests.Session | None = getattr(_of_thread, "session", None)
    if session is None:
        session = service_session("quotes")
        session.headers["Accept"] = "application/json"
        _of_thread.session = session
    return session


def _unexpected(what: str) -> QuotesUnavailable:
    log.error("quotes_answer_unexpected", what=what)
    return QuotesUnavailable("Quotes doesn't answer as it should.")
