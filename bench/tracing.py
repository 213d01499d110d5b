"""What recording traces costs: a page of 20 quotes through gateway, Quotes and Likes, by turns.

python -m bench.tracing [--rounds 5] [--seconds 3]

CPU is that of the three together, per request. In brackets is each divided by what it is without.
"""

import argparse
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.kit import page
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from bench.kit.stack import Stack, stack
from bench.kit.wrk import measured
from tools.ports import configured_ports

OFF = "off"
SHARES = {"a tenth of all, as by default": "0.1", "all": "1"}
WEB = ("quotes", "likes", "gateway")
WARM_UP = 500


def main() -> None:
    """Measure, print the table and write its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--seconds", type=int, default=3)
    asked = parser.parse_args()
    with stack() as made, collector() as url:
        script = page.script(made.folder, made.tokens(1)[0])
        settings: dict[str, Mapping[str, str]] = {OFF: {}}
        for name, share in SHARES.items():
            settings[name] = {
                "OTEL_EXPORTER_OTLP_ENDPOINT": url,
                "OTEL_TRACES_SAMPLER_ARG": share,
            }
        found = interleaved(
            {
                name: partial(_page, made, each, script, asked.seconds)
                for name, each in settings.items()
            },
            asked.rounds,
        )
        Report("tracing", found, ours=OFF, yardsticks=list(SHARES)).show()


def _page(made: Stack, settings: Mapping[str, str], script: str, seconds: int) -> Figures:
    with ExitStack() as running:
        programs = []
        for name in WEB:
            programs.append(made.start(name, **settings))
            running.callback(programs[-1].stop)
        url = f"http://127.0.0.1:{configured_ports(made.environment)['GATEWAY_PORT']}/graphql"
        page.warm_up(url, script, WARM_UP)
        cpu = {"CPU ms": lambda: float(sum(program.cpu() for program in programs))}
        return measured(url, cpu, seconds=seconds, script=script)


@contextmanager
def collector() -> Iterator[str]:
    """Have a collector take all that comes, and keep nothing."""

    class Sink(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.close_connection = True  # who is stopped leaves kept ones in a mess
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Sink) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


if __name__ == "__main__":
    main()
