"""What the proxy says to the gateway, and to users where no gateway answers."""

import gzip
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


def test_metrics_are_not_for_users(tmp_path: Path) -> None:
    with named("gateway") as gateway:
        with proxied(gateway.server_port, tmp_path) as url:
            assert requests.get(f"{url}/metrics", timeout=30).status_code == 404
            assert requests.post(f"{url}//metrics", timeout=30).status_code == 404
            assert requests.post(f"{url}/metrics?all", timeout=30).status_code == 404
            assert requests.post(f"{url}/graphql", timeout=30).status_code == 200
        gateway.shutdown()


def test_what_the_gateway_has_compressed_is_passed_on_as_it_is(tmp_path: Path) -> None:
    content, kept = gzip.compress(b"export {};\n" * 100), "max-age=315360000, public, immutable"

    class Gateway(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            compressed = "gzip" in self.headers.get("Accept-Encoding", "")
            self.send_response(200 if compressed else 406)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Cache-Control", kept)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as gateway:
        threading.Thread(target=gateway.serve_forever, daemon=True).start()
        with proxied(gateway.server_port, tmp_path) as url:
            response = requests.get(f"{url}/static/main.js", timeout=30, stream=True)
            assert response.raw.read(decode_content=False) == content
        gateway.shutdown()
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Cache-Control"] == kept


def named(name: str) -> ThreadingHTTPServer:
    """Return a server that answers with its name, and by whom it was asked to upgrade."""

    class Named(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = f"{name} {self.headers.get('Upgrade', '')}".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Named)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_live_subscriptions_have_the_address_of_all_else(tmp_path: Path) -> None:
    urql = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"
    apollo = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json'
    deferred = "multipart/mixed;deferSpec=20220824,application/json"
    asked: dict[str, dict[str, str]] = {
        "gateway ": {"Accept": urql},
        "gateway": {"Accept": deferred},
        "live ": {"Accept": "text/event-stream"},
        "live": {"Accept": apollo},
        "live websocket": {"Upgrade": "websocket", "Connection": "Upgrade"},
    }
    with named("gateway") as gateway, named("live") as live:
        with proxied(gateway.server_port, tmp_path, live.server_port) as url:
            for expected, headers in asked.items():
                response = requests.post(f"{url}/graphql", headers=headers, timeout=30)
                assert response.text.strip() == expected.strip(), headers
        gateway.shutdown()
        live.shutdown()


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
