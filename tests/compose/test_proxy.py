"""What the proxy says to the gateway, and to users where no gateway answers."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests

from tests.compose.proxied import proxied
from tools.ports import free_port


def test_the_gateway_is_told_where_a_user_is_and_no_user_is_believed(tmp_path: Path) -> None:
    told: list[dict[str, str]] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as gateway:
        threading.Thread(target=gateway.serve_forever, daemon=True).start()
        with proxied(gateway.server_port, tmp_path) as url:
            forged = {
                "X-Forwarded-For": "203.0.113.7",
                "X-Forwarded-Proto": "https",
                "Host": "quotes.example",
            }
            requests.get(f"{url}/graphql", headers=forged, timeout=30)
        gateway.shutdown()
    assert told[-1]["x-forwarded-for"] == "127.0.0.1"
    assert told[-1]["x-forwarded-proto"] == "http"
    assert told[-1]["host"] == "quotes.example"


def test_what_nobody_answers_is_a_503_that_says_when_to_come_back(tmp_path: Path) -> None:
    with proxied(free_port(), tmp_path) as url:
        response = requests.post(f"{url}/graphql", json={"query": "{ me { id } }"}, timeout=30)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"


def test_what_was_sent_by_post_is_never_sent_again(tmp_path: Path) -> None:
    received: list[str] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.path)
            self.connection.close()  # before any response

    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as gateway:
        threading.Thread(target=gateway.serve_forever, daemon=True).start()
        with proxied(gateway.server_port, tmp_path) as url:
            response = requests.post(f"{url}/graphql", json={}, timeout=30)
        gateway.shutdown()
    assert response.status_code == 503
    assert received == ["/graphql"]
