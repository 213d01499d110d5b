"""What Likes asks of Quotes, over real connections."""

import json
import socket
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pytest_django import Settings

from likes_service import clients
from likes_service.clients import fetch_quote, quotes_is_alive
from likes_service.errors import QuotesUnavailable
from messaging.flow.timelines import Known
from observability.trace import trace, trace_id
from tests.examples import CONTRACTS, read
from tests.https_service import https_service
from tests.likes_service.conftest import FakeQuotes, hang_up, send

QUOTE = read(CONTRACTS / "rest" / "quotes" / "read_quote.json")["body"]


def test_a_quote_is_read_as_quotes_writes_it(quotes: FakeQuotes) -> None:
    body = quotes.example("read_quote")
    state = fetch_quote(body["id"])
    assert state is not None
    assert (state.id, state.version, state.deleted) == (body["id"], body["version"], False)
    assert (state.title, state.author) == (body["title"], body["author"])
    assert state.created_by == body["created_by"]
    assert state.updated_at is not None
    assert state.updated_at.isoformat().replace("+00:00", "Z") == body["updated_at"]


def test_a_quote_without_author_and_creator_is_read(quotes: FakeQuotes) -> None:
    quotes.always(200, QUOTE | {"author": None, "created_by": None})
    state = fetch_quote(QUOTE["id"])
    assert state is not None
    assert (state.author, state.created_by) == ("", None)


def test_a_quote_that_quotes_does_not_have_is_none(quotes: FakeQuotes) -> None:
    assert fetch_quote(7) is None


def test_the_trace_is_passed_on(quotes: FakeQuotes) -> None:
    with trace(None) as traceparent:
        fetch_quote(7)
    fetch_quote(7)
    (_, traced), (_, untraced) = quotes.requests
    assert trace_id(traced["traceparent"]) == trace_id(traceparent)
    assert "traceparent" not in untraced


def test_a_connection_is_used_again(quotes: FakeQuotes) -> None:
    for _ in range(3):
        fetch_quote(7)
    assert len(quotes.connections) == 1


def test_a_connection_that_broke_is_tried_once_more(quotes: FakeQuotes) -> None:
    quotes.responses = [hang_up, lambda request: send(request, 200, QUOTE)]
    assert fetch_quote(QUOTE["id"]) is not None
    assert len(quotes.requests) == 2


def cut_off(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"id": 7')
    request.close_connection = True


@pytest.mark.parametrize("fault", [hang_up, cut_off])
def test_a_connection_that_breaks_again_is_given_up(quotes: FakeQuotes, fault: Any) -> None:
    quotes.responses = [fault]
    with pytest.raises(QuotesUnavailable):
        fetch_quote(7)
    assert len(quotes.requests) == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {}),
        (503, {}),
        (401, {}),
        (200, b"<html>"),
        (200, b""),
        (200, []),
        (200, None),
        (200, QUOTE | {"id": QUOTE["id"] + 1}),
        (200, {name: value for name, value in QUOTE.items() if name != "version"}),
        (200, QUOTE | {"version": "1"}),
        (200, QUOTE | {"title": "a\x00b"}),
        (200, b'{"id": 7, "title": "\\ud83d"}'),
        (200, json.dumps(QUOTE).encode() + b" " * clients.MAX_RESPONSE_BYTES),
    ],
)
def test_an_answer_that_is_no_quote_is_never_taken_for_one(
    quotes: FakeQuotes, status: int, body: Any
) -> None:
    quotes.always(status, body)
    with pytest.raises(QuotesUnavailable):
        fetch_quote(QUOTE["id"])
    assert len(quotes.requests) == 1


def test_a_redirect_is_not_followed(quotes: FakeQuotes) -> None:
    quotes.always(302, b"", Location="/quotes/8")
    with pytest.raises(QuotesUnavailable):
        fetch_quote(7)
    assert len(quotes.requests) == 1


def test_a_proxy_of_the_environment_is_not_used(
    quotes: FakeQuotes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert fetch_quote(7) is None


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(QuotesUnavailable):
        fetch_quote(7)
    assert not quotes_is_alive()


def test_a_silent_server_is_given_up_after_the_time_out(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "READ_TIMEOUT", clients.READ_TIMEOUT / 20)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.QUOTES_URL = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(QuotesUnavailable):
            fetch_quote(7)


def test_each_thread_has_a_session_of_its_own(quotes: FakeQuotes) -> None:
    fetch_quote(7)
    other = Thread(target=fetch_quote, args=[7])
    other.start()
    other.join(30)
    assert len(quotes.connections) == 2


def test_quotes_is_alive_when_it_says_so(quotes: FakeQuotes) -> None:
    quotes.always(200, {"status": "ok"})
    assert quotes_is_alive()
    assert quotes.requests[0][0] == "/healthz"
    quotes.always(503, {})
    assert not quotes_is_alive()


@pytest.mark.parametrize(("trusted", "alive"), [("file", True), ("", False)])
def test_a_private_authority_is_trusted_where_it_is_named(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusted: str,
    alive: bool,
) -> None:
    with https_service("localhost", tmp_path, monkeypatch, trusted=trusted) as url:
        settings.QUOTES_URL = url
        assert quotes_is_alive() is alive


def test_what_quotes_knows_of_events_is_read_as_quotes_tells_it(quotes: FakeQuotes) -> None:
    quotes.example("read_known_events")
    told = clients.told_by_quotes(["a", "b"], "4bf92f3577b34da6a3ce929d0e0e4736")
    assert told is not None
    [known] = map(Known.from_json, told)
    assert (known.place, known.state, len(known.steps)) == ("quotes", "handled", 3)
    [(path, _)] = quotes.requests
    assert path == "/known/events?event=a%2Cb&trace=4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(("status", "body"), [(503, {}), (200, {}), (200, []), (200, b"no JSON")])
def test_what_quotes_does_not_tell_of_events_is_none(
    quotes: FakeQuotes, status: int, body: Any
) -> None:
    quotes.always(status, body)
    assert clients.told_by_quotes(["a"], "") is None


def test_nothing_is_asked_when_no_event_is_wanted(quotes: FakeQuotes) -> None:
    assert clients.told_by_quotes([], "") == []
    assert quotes.requests == []
