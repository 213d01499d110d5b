"""Rates are counted, in Redis if there is one, and Redis being away stops nobody's work."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from signal import SIGTERM
from subprocess import DEVNULL

import pytest
from limits import parse
from pytest_django import Settings
from redis import Redis
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from tools import children
from tools.ports import HOST, free_port
from web import rates
from web.configuration import rate
from web.errors import TooManyRequests
from web.rates import Rate


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    rates.forget()
    yield
    rates.forget()


def taken(times: int) -> list[bool]:
    """Take so often from a rate that allows two; a new object each time, as processes have."""

    def take() -> bool:
        try:
            Rate("test", "2/minute").take("somebody")
        except TooManyRequests:
            return False
        return True

    return [take() for _ in range(times)]


@pytest.mark.parametrize("text", ["1/second", "10/minute", "60/hour", "5/day", "7/MINUTE"])
def test_every_rate_that_a_setting_may_have_is_one(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANY_RATE", text)
    assert parse(rate("ANY_RATE", "")).amount == int(text.partition("/")[0])


def test_while_redis_is_away_each_process_counts_by_itself_and_says_so(settings: Settings) -> None:
    settings.RATE_LIMIT_STORAGE = f"redis://127.0.0.1:{free_port()}"
    with capture_logs() as logs:
        assert taken(3) == [True, True, False]
        with Rate("other", "1/minute").begin("somebody") as count:
            count()
    events = [(entry["event"], entry["log_level"]) for entry in logs]
    assert events == [("rate_limit_storage_unavailable", "warning")], "it is not tried each time"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The address of a server of its own, on a free port and with a folder of its own."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", HOST, "--save", ""]
    server = children.spawn(
        command, environment={"PATH": os.environ["PATH"]}, folder=tmp_path, output=DEVNULL
    )
    try:
        children.wait_until(
            lambda: server.poll() is not None or _answers(port), patience=30, what="Redis answers"
        )
        assert server.poll() is None, "redis-server doesn't run"
        yield f"redis://{HOST}:{port}"
    finally:
        children.stop(server, number=SIGTERM, patience=10)


def _answers(port: int) -> bool:
    with closing(Redis(port=port)) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False


def test_processes_that_share_a_redis_count_together(settings: Settings, redis: str) -> None:
    settings.RATE_LIMIT_STORAGE = redis
    assert taken(1) == [True]
    rates.forget()  # what another process would know
    assert taken(2) == [True, False]
    with pytest.raises(TooManyRequests), Rate("test", "2/minute").begin("somebody"):
        pass
