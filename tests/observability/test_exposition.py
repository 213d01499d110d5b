"""All workers of a server are in the metrics, whichever of them is asked."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from observability.exposition import exposition
from observability.metrics import OUTBOX_EVENTS, Reading
from tools.environment import ROOT

WORKER = """
import sys
from observability.exposition import exposition, workers
from observability.metrics import POOL_MAX, RATE_LIMITED, read_when_asked
number = int(sys.argv[1])
workers.share()
RATE_LIMITED.labels("trial").inc(number)
read_when_asked(lambda: [(POOL_MAX, (), number)])
print(flush=True)
for line in sys.stdin:
    sys.stdout.buffer.write(exposition() + b"# EOF\\n")
    sys.stdout.flush()
"""
Samples = dict[str, float]


@contextmanager
def worker(number: int) -> Iterator[subprocess.Popen[str]]:
    """A process that counts, and shows all metrics for a line; its server is this process."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(number)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def shown(process: Any, name: str) -> Samples:
    """Return what one worker says of a metric, by the worker that it is of."""
    process.stdin.write("\n")
    process.stdin.flush()
    lines = iter(process.stdout.readline, "# EOF\n")
    return samples("".join(lines), name)


def samples(text: str, name: str) -> Samples:
    return {
        sample.labels.get("worker", ""): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def test_each_worker_shows_the_counts_and_the_state_of_all() -> None:
    with worker(1) as first, worker(2) as second:
        for asked in (first, second):
            assert shown(asked, "rate_limit_refusals_total") == {"0": 1, "1": 2}
            assert shown(asked, "db_client_connection_max") == {"0": 1, "1": 2}
            assert shown(asked, "process_cpu_seconds_total").keys() == {"0", "1"}


def test_a_worker_that_is_restarted_takes_the_place_of_the_one_before() -> None:
    with worker(1) as first, worker(2) as second:
        first.kill()
        first.wait()
        assert shown(second, "rate_limit_refusals_total") == {"1": 2}
        with worker(4):
            assert shown(second, "rate_limit_refusals_total") == {"0": 4, "1": 2}


def test_a_process_without_others_has_no_label_for_them() -> None:
    def reader() -> Iterator[Reading]:
        yield OUTBOX_EVENTS, (), 7

    assert samples(exposition([reader]).decode(), "messaging_outbox_events") == {"": 7}


def test_what_cannot_be_read_is_missing_and_logged_and_all_else_is_there() -> None:
    def broken() -> Iterator[Reading]:
        raise OSError("the database is away")
        yield

    def reader() -> Iterator[Reading]:
        yield OUTBOX_EVENTS, (), 7

    with capture_logs() as logs:
        text = exposition([broken, reader]).decode()
    assert samples(text, "messaging_outbox_events") == {"": 7}
    assert [line["event"] for line in logs] == ["metrics_not_read"]
    assert logs[0]["reason"] == "the database is away"


def test_no_series_says_when_another_began() -> None:
    assert "_created" not in exposition().decode()


@pytest.mark.parametrize("module", ["quotes_service", "likes_service", "gateway"])
def test_each_server_shares_what_its_workers_count(module: str) -> None:
    assert "\nworkers.share()\n" in (ROOT / module / "wsgi.py").read_text()
