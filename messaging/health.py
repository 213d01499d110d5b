"""What a process without a web server reports of itself: `/healthz`, `/readyz` and `/metrics`."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from observability.exposition import CONTENT_TYPE, exposition
from observability.metrics import (
    CONFIRMED,
    CONSUMED,
    PROCESS_ACTIVE,
    PROCESS_IDLE,
    PROCESS_READY,
    REFUSED,
    SENT,
    Reader,
    Reading,
)

# What is counted, and the metric of it with its labels.
_METRICS = {
    "sent": (SENT, ()),
    "published": (CONFIRMED, ()),
    "refused": (REFUSED, ()),
    "handled": (CONSUMED, ("handled",)),
    "repeated": (CONSUMED, ("repeated",)),
    "retried": (CONSUMED, ("retried",)),
    "parked": (CONSUMED, ("parked",)),
}


class Health:
    """How a relay or consumer is. The process writes it, and its health server reads it.

    `status` is a word such as `active`, `standby`, `blocked` or `retrying`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._status = "starting"
        self._detail = ""
        self._counts: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._checks: dict[str, bool] = {"database": False, "broker": False}
        self._worked_at = time.monotonic()

    def report(self, status: str, detail: str = "", **checks: bool) -> None:
        """Note how it is: `database=` and `broker=` say whether these were reached."""
        with self._lock:
            self._status, self._detail = status, detail
            self._checks.update(checks)

    def count(self, **counts: int) -> None:
        """Add to the counters, such as `published=20`."""
        with self._lock:
            for name, number in counts.items():
                self._counts[name] = self._counts.get(name, 0) + number

    def state(self, **numbers: int) -> None:
        """Note how many there are of something now, such as `set_aside=1`."""
        with self._lock:
            self._numbers.update(numbers)

    def worked(self) -> None:
        """Note that it gets on with its work: `/healthz` turns red when it has not for long.

        One that hangs, in the database say, notes nothing.
        """
        with self._lock:
            self._worked_at = time.monotonic()

    def idle(self) -> float:
        """Return the seconds since it last got on with its work."""
        with self._lock:
            return time.monotonic() - self._worked_at

    def alive(self, patience: float) -> bool:
        """Return whether it has got on with its work at some moment of the last seconds."""
        return self.idle() <= patience

    def ready(self) -> bool:
        """Return whether its database and broker were reached when last needed."""
        with self._lock:
            return all(self._checks.values())

    def as_json(self) -> dict[str, Any]:
        """Return all of it."""
        with self._lock:
            return {
                "status": self._status,
                "detail": self._detail,
                "seconds_without_progress": round(time.monotonic() - self._worked_at),
                "checks": dict(self._checks),
                "counts": dict(self._counts),
                **self._numbers,
            }

    def read(self) -> Iterator[Reading]:
        """Give all of it for the metrics."""
        with self._lock:
            counts, checks = dict(self._counts), dict(self._checks)
            active = self._status == "active"
        for name, number in counts.items():
            metric, labels = _METRICS[name]
            yield metric, labels, number
        for name, reached in checks.items():
            yield PROCESS_READY, (name,), reached
        yield PROCESS_ACTIVE, (), active
        yield PROCESS_IDLE, (), self.idle()


# A relay or consumer that has not got on with its work for this long needs a look.
PATIENCE_SECONDS = 15


def serve_health(
    health: Health, host: str, port: int, readers: Sequence[Reader] = ()
) -> ThreadingHTTPServer:
    """Serve `/healthz`, `/readyz` and `/metrics` from a thread until the process ends.

    `readers` read what else is among the metrics. Raise OSError if the port is taken.
    """
    checks: dict[str, Callable[[], bool]] = {
        "/healthz": lambda: health.alive(PATIENCE_SECONDS),
        "/readyz": lambda: health.ready() and health.alive(PATIENCE_SECONDS),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._send(200, exposition([health.read, *readers]), CONTENT_TYPE)
                return
            check = checks.get(self.path)
            good = check is not None and check()
            body = json.dumps(health.as_json() if check else {"status": "not found"}).encode()
            self._send(404 if check is None else 200 if good else 503, body, "application/json")

        def _send(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Write nothing: probes come every few seconds."""

    server = ThreadingHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
