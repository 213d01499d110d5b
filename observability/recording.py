"""Spans that have ended, on their way to a collector of OpenTelemetry.

Off until `start` is called. A span is noted while a request waits; a thread of its own sends it. A
collector that is away costs spans and nothing else.
"""

import atexit
import logging
import os
import random
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

Kind = Literal["INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
Value = str | int

SEND_SECONDS = 1.0
# Some seconds of a busy process. What comes beyond is lost, and counted.
MOST_WAITING = 20_000
AT_ONCE = 500

_logger = logging.getLogger(__name__)


class Span(NamedTuple):
    """A piece of work that has ended. Times are nanoseconds since 1970."""

    name: str
    kind: Kind
    traceparent: str  # its own
    parent: str | None  # of the work that it is a part of
    started: int
    ended: int
    attributes: Mapping[str, Value]
    links: Sequence[str] = ()  # of works in other traces
    failed: bool = False


class Recorder:
    """Takes the spans of a process, and has them sent by `send`, which returns whether it could.

    `ratio` is the part of new traces that it takes. A process that is forked sends by itself.
    """

    def __init__(self, send: Callable[[Sequence[Span]], bool], ratio: float) -> None:
        self._send = send
        self._ratio = ratio
        self._waiting: deque[Span] = deque()
        self._lost = 0
        self._sending = threading.Lock()
        self._stop = threading.Event()
        self._pid = 0

    def takes_next(self) -> bool:
        """Return whether a trace that begins now is to be recorded."""
        return random.random() < self._ratio  # noqa: S311 - a sample, no secret

    def add(self, span: Span) -> None:
        """Take a span, unless too many wait already."""
        if len(self._waiting) >= MOST_WAITING:
            self._lost += 1
            return
        self._waiting.append(span)
        if self._pid != os.getpid():
            self._pid = os.getpid()
            threading.Thread(target=self._send_for_ever, name="spans", daemon=True).start()
            atexit.register(self._end)

    def _send_for_ever(self) -> None:
        while not self._stop.wait(SEND_SECONDS):
            self.flush()

    def _end(self) -> None:
        self._stop.set()
        self.flush()

    def flush(self) -> None:
        """Send what waits now. What can't be sent is lost, and a line of the log says how much."""
        with self._sending:
            for _ in range(0, len(self._waiting), AT_ONCE):
                spans = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
                if not self._send(spans):
                    self._lost += len(spans)
            lost, self._lost = self._lost, 0
        if lost:
            _logger.warning("spans_lost: %d, which the collector did not take", lost)


# None where nothing is recorded.
recorder: Recorder | None = None


def start(endpoint: str, service: str, ratio: float) -> None:
    """Record the spans of this process as those of a service, if there is an endpoint."""
    global recorder
    recorder = Recorder(_Collector(endpoint, service), ratio) if endpoint else None


class _Collector:
    """Sends to an endpoint by OpenTelemetry's packages, which are imported with the first spans."""

    def __init__(self, endpoint: str, service: str) -> None:
        self._place = endpoint, service
        self._send: Callable[[Sequence[Span]], bool] | None = None

    def __call__(self, spans: Sequence[Span]) -> bool:
        if self._send is None:
            from observability.collector import Collector

            self._send = Collector(*self._place).send
        return self._send(spans)
