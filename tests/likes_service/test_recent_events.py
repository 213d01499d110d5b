"""Which of a user's likes and unlikes of a quote are still told."""

from datetime import timedelta
from itertools import accumulate

from likes_service.recent_events import (
    COUNTED_AFTER,
    MOST_KEPT,
    RecentEvent,
    followed_by,
    read,
    written,
)
from messaging.conf import messaging_settings
from tests.likes_service.conftest import NOW


def changes(number: int) -> list[RecentEvent]:
    """A like, an unlike, a like, and so on, a second apart."""
    return [
        RecentEvent(f"e{place}", -1 if place % 2 else 1, NOW + timedelta(seconds=place))
        for place in range(number)
    ]


def test_events_come_back_from_a_row_as_they_were() -> None:
    assert read(written(changes(3))) == changes(3)


def test_many_changes_leave_a_bounded_number_whose_effects_still_add_up() -> None:
    none: list[RecentEvent] = []
    each = list(accumulate(changes(30), followed_by, initial=none))[1:]
    for number, kept in enumerate(each, 1):
        assert len(kept) <= MOST_KEPT
        assert sum(event.likes for event in kept) == number % 2
        assert kept == changes(number)[-len(kept) :]


def test_an_event_that_quotes_may_have_forgotten_is_told_no_more() -> None:
    first, second = changes(2)
    assert messaging_settings().inbox_retention > 2 * COUNTED_AFTER
    late = RecentEvent("late", -1, first.time + COUNTED_AFTER)
    assert followed_by([first, second], late) == [second, late]
