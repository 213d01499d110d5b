"""A service that is silent is left alone, and tried again by one caller after a while."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from pytest_django import Settings

from gateway.errors import UpstreamTimeout, UpstreamUnavailable
from gateway.upstream.breakers import Breaker

DEADLINE = 30
PAUSE = 5


class Clock:
    """The breaker's clock, which a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Service:
    """What is called, and how often it was."""

    def __init__(self) -> None:
        self.calls = 0
        self.silent = True

    def __call__(self) -> str:
        self.calls += 1
        if self.silent:
            raise UpstreamTimeout("likes")
        return "answer"


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("circuitbreaker.monotonic", clock)
    return clock


@pytest.fixture
def breaker(settings: Settings, clock: Clock) -> Breaker:
    settings.BREAKER_FAILURES, settings.BREAKER_PAUSE = 3, timedelta(seconds=PAUSE)
    return Breaker("likes")


def time_out(breaker: Breaker, service: Service, times: int) -> None:
    for _ in range(times):
        with pytest.raises(UpstreamTimeout):
            breaker.call(service)


def test_after_a_few_time_outs_in_a_row_it_is_not_called_any_more(
    breaker: Breaker, service: Service
) -> None:
    time_out(breaker, service, 3)
    for _ in range(5):
        with pytest.raises(UpstreamUnavailable):
            breaker.call(service)
    assert service.calls == 3


def test_an_answer_in_between_starts_the_count_anew(breaker: Breaker, service: Service) -> None:
    time_out(breaker, service, 2)
    service.silent = False
    assert breaker.call(service) == "answer"
    service.silent = True
    time_out(breaker, service, 3)


def test_other_failures_do_not_count(breaker: Breaker) -> None:
    def refuse() -> None:
        raise UpstreamUnavailable("likes")

    for _ in range(10):
        with pytest.raises(UpstreamUnavailable):
            breaker.call(refuse)
    assert breaker.call(lambda: "answer") == "answer"


def test_after_a_pause_it_is_called_again_and_an_answer_closes_the_circuit(
    breaker: Breaker, service: Service, clock: Clock
) -> None:
    time_out(breaker, service, 3)
    service.silent = False
    clock.now += PAUSE - 1
    with pytest.raises(UpstreamUnavailable):
        breaker.call(service)
    clock.now += 1
    assert [breaker.call(service) for _ in range(3)] == ["answer"] * 3


def test_a_service_that_is_still_silent_after_a_pause_is_tried_again_after_the_next(
    breaker: Breaker, service: Service, clock: Clock
) -> None:
    time_out(breaker, service, 3)
    for _ in range(2):
        clock.now += PAUSE
        time_out(breaker, service, 1)
        with pytest.raises(UpstreamUnavailable):
            breaker.call(service)
    clock.now += PAUSE
    service.silent = False
    assert breaker.call(service) == "answer"


def test_only_one_caller_tries_it_and_the_others_are_answered_at_once(
    breaker: Breaker, service: Service, clock: Clock
) -> None:
    time_out(breaker, service, 3)
    clock.now += PAUSE
    tried, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        tried.set()
        assert go_on.wait(DEADLINE)
        return "answer"

    with ThreadPoolExecutor(1) as pool:
        trial = pool.submit(breaker.call, slow)
        assert tried.wait(DEADLINE)
        try:
            with pytest.raises(UpstreamUnavailable):
                breaker.call(service)
        finally:
            go_on.set()
        assert trial.result(DEADLINE) == "answer"
    assert service.calls == 3


class Lock:
    """A lock before which a test has something happen, to the caller that asks for it first."""

    def __init__(self, before: Callable[[], object]) -> None:
        self._lock, self._before = threading.Lock(), [before]

    def acquire(self, *, blocking: bool) -> bool:
        while self._before:
            self._before.pop()()
        return self._lock.acquire(blocking=blocking)

    def release(self) -> None:
        self._lock.release()


def test_a_caller_that_came_before_a_trial_failed_does_not_try_without_a_pause(
    breaker: Breaker, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_out(breaker, service, 3)
    clock.now += PAUSE
    lock = Lock(lambda: time_out(breaker, service, 1))  # another's trial, as this one comes
    monkeypatch.setattr(breaker, "_trial", lock)
    with pytest.raises(UpstreamUnavailable):
        breaker.call(service)
    assert service.calls == 4


def test_a_pause_that_ends_while_a_caller_looks_lets_only_one_through(
    breaker: Breaker, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_out(breaker, service, 3)
    real = clock.now

    def ticking() -> float:
        """Each look at the clock is a second later, so that the pause ends between two."""
        clock.now += 1
        return clock.now

    for late in range(PAUSE + 1):
        clock.now = real + late
        monkeypatch.setattr("circuitbreaker.monotonic", ticking)
        assert breaker._trial.acquire(blocking=False)  # another tries it
        try:
            with pytest.raises(UpstreamUnavailable):
                breaker.call(service)
        finally:
            breaker._trial.release()
    assert service.calls == 3
