"""The inbox: each event is taken once."""

import threading

import pytest
from django.db import connection, transaction

from messaging import inbox
from messaging.events import Event
from messaging.models import InboxEvent
from tests.messaging.running import PATIENCE


def event(number: int, source: str = "/ledger") -> Event:
    return Event(
        id=f"event-{number}", type="ledger.counted", source=source, subject="s", data={"n": number}
    )


@pytest.mark.django_db
def test_an_event_is_taken_once() -> None:
    assert inbox.take([event(1), event(2)]) == [event_like(1), event_like(2)]
    assert inbox.take([event(2), event(3)]) == [event_like(3)]
    assert inbox.take([]) == []


@pytest.mark.django_db
def test_an_event_that_is_twice_in_a_batch_is_taken_once_and_order_is_kept() -> None:
    taken = inbox.take([event(3), event(1), event(3), event(2), event(1)])
    assert [one.data["n"] for one in taken] == [3, 1, 2]


@pytest.mark.django_db
def test_one_id_from_two_sources_is_two_events() -> None:
    taken = inbox.take([event(1, "/a"), event(1, "/b")])
    assert [one.source for one in taken] == ["/a", "/b"]


@pytest.mark.django_db(transaction=True)
def test_what_was_taken_in_a_transaction_that_failed_is_taken_again() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        inbox.take([event(1)])
        raise ZeroDivisionError
    assert len(inbox.take([event(1)])) == 1


@pytest.mark.django_db
def test_rows_are_entered_in_one_order_so_that_two_processes_can_not_wait_for_each_other() -> None:
    for numbers in ([3, 1, 2], [5, 6, 4]):
        inbox.take([event(number) for number in numbers])
    entered = InboxEvent.objects.order_by("id").values_list("event_id", flat=True)
    assert list(entered) == [f"event-{number}" for number in range(1, 7)]


@pytest.mark.django_db(transaction=True)
def test_two_processes_with_the_same_events_in_different_orders_take_each_once() -> None:
    taken: list[Event] = []
    ready = threading.Barrier(2)

    def take(numbers: list[int]) -> None:
        try:
            ready.wait(PATIENCE)
            with transaction.atomic():
                taken.extend(inbox.take([event(number) for number in numbers]))
        finally:
            connection.close()

    for start in range(0, 200, 50):
        batch = list(range(start, start + 50))
        threads = [
            threading.Thread(target=take, args=[numbers]) for numbers in (batch, batch[::-1])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(one.data["n"] for one in taken) == list(range(200))
    assert InboxEvent.objects.count() == 200


class event_like:  # noqa: N801 - reads as a value
    """Equal to an event of the same number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and other.data["n"] == self.number
