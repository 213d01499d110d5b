"""What a process without a web server reports of itself: `/healthz` and `/readyz`."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


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


# A relay or consumer that has not got on with its work for this long needs a look.
PATIENCE_SECONDS = 15


def serve_health(health: Health, host: str, port: int) -> ThreadingHTTPServer:
    """Serve `/healthz` and `/readyz` from a thread until the process ends.

    Raise OSError if the port is taken.
    """
    checks: dict[str, Callable[[], bool]] = {
        "/healthz": lambda: health.alive(PATIENCE_SECONDS),
        "/readyz": lambda: health.ready() and health.alive(PATIENCE_SECONDS),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            check = checks.get(self.path)
            good = check is not None and check()
            body = json.dumps(health.as_json() if check else {"status": "not found"}).encode()
            self.send_response(404 if check is None else 200 if good else 503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Write nothing: probes come every few seconds."""

    server = ThreadingHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
