"""Pauses between attempts grow, have an end, and are not in step with those of others."""

from datetime import timedelta

from messaging.backoff import Backoff


def pauses(backoff: Backoff, count: int) -> list[float]:
    return [backoff.next_delay() for _ in range(count)]


def test_pauses_double_up_to_a_limit_each_shortened_by_half_at_most() -> None:
    backoff = Backoff(first=timedelta(seconds=1), most=timedelta(seconds=10))
    for pause, longest in zip(pauses(backoff, 2000), [1, 2, 4, 8, *[10] * 1996], strict=True):
        assert longest / 2 <= pause <= longest


def test_two_that_fail_at_one_moment_do_not_come_back_at_one() -> None:
    assert pauses(Backoff(), 5) != pauses(Backoff(), 5)


def test_after_a_good_attempt_pauses_begin_anew() -> None:
    backoff = Backoff(first=timedelta(seconds=1), most=timedelta(seconds=100))
    pauses(backoff, 10)
    backoff.reset()
    assert backoff.next_delay() <= 1
