"""`/metrics`: what all workers of one server have counted, whichever of them is asked.

A server's workers are processes, and it hands a request to any of them. So each keeps its numbers
for itself, where counting costs least, and gives them to the others at a Unix socket. Each worker
has a place, the lowest that is free, which is its label `worker`: one that is restarted takes the
place of the one before, so that series don't multiply. The sockets are abstract ones of Linux: they
have no file that could be left behind. See docs/decisions/metrics.md.
"""

import os
import socket
import struct
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
import structlog
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from observability.metrics import Reader, collect

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
MAX_WORKERS = 64
PATIENCE = 1.0  # seconds for another worker, which may hang; it is left out then

log = structlog.get_logger(__name__)


class Workers:
    """The workers of the server that this process is one of. `share` first."""

    def __init__(self) -> None:
        self._server = ""
        self._place: int | None = None

    def share(self) -> None:
        """Let the server's other workers read the metrics of this one, until the process ends.

        The name of the sockets tells the server from others: its process, and where that counts.
        """
        self._server = f"metrics {os.readlink('/proc/self/ns/pid')} {os.getppid()}"
        for place in range(MAX_WORKERS):
            listener = socket.socket(socket.AF_UNIX)
            try:
                listener.bind(self._address(place))
            except OSError:  # another has it
                listener.close()
                continue
            listener.listen()
            self._place = place
            threading.Thread(target=_serve, args=(listener,), name="metrics", daemon=True).start()
            return
        log.warning("metrics_not_shared", reason=f"more than {MAX_WORKERS} workers")

    def families(self, readers: Iterable[Reader]) -> list[Metric]:
        """Return the metrics of all workers, each sample with its worker's place."""
        if self._place is None:
            return list(collect(readers))
        merged: dict[str, Metric] = {}
        for place in range(MAX_WORKERS):
            if place == self._place:
                _merge(merged, collect(readers), place)
            else:
                _merge(merged, self._ask(place), place)
        return list(merged.values())

    def _ask(self, place: int) -> list[Metric]:
        with socket.socket(socket.AF_UNIX) as other:
            other.settimeout(PATIENCE)
            try:
                other.connect(self._address(place))
                if _user_of(other) != os.getuid():
                    return []
                with other.makefile("rb") as text:
                    return list(_read(text.read()))
            except (OSError, ValueError):  # nobody is there, or it hangs, or it has just ended
                return []

    def _address(self, place: int) -> str:
        return f"\0{self._server} {place}"


workers = Workers()


def exposition(readers: Iterable[Reader] = ()) -> bytes:
    """Return the metrics of all workers as Prometheus reads them, and what `readers` find here."""
    return generate_latest(_Given(workers.families(readers)))


class _Given(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _serve(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            try:
                connection.settimeout(PATIENCE)
                connection.sendall(_written(collect()))
            except OSError as error:
                log.warning("metrics_not_shared", reason=str(error))


def _written(families: Iterable[Metric]) -> bytes:
    samples = [
        (
            each.name,
            each.documentation,
            each.type,
            [(s.name, s.labels, s.value) for s in each.samples],
        )
        for each in families
    ]
    return orjson.dumps(samples)


def _read(text: bytes) -> Iterator[Metric]:
    rows: list[tuple[str, str, str, list[tuple[str, dict[str, str], float]]]] = orjson.loads(text)
    for name, documentation, kind, samples in rows:
        metric = Metric(name, documentation, kind)
        for sample in samples:
            metric.add_sample(*sample)
        yield metric


def _merge(merged: dict[str, Metric], families: Iterable[Metric], place: int) -> None:
    for family in families:
        if family.name not in merged:
            merged[family.name] = Metric(family.name, family.documentation, family.type)
        whole = merged[family.name]
        for sample in family.samples:
            labels: Mapping[str, Any] = {**sample.labels, "worker": str(place)}
            whole.add_sample(sample.name, dict(labels), sample.value)


def _user_of(peer: socket.socket) -> int:
    """Return whose process is at the other end: a name of this kind is anybody's to take."""
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(user)
