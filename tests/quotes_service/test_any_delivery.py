"""Whatever order and repetition the events of a quote come in, the end is the same.

All permutations, each with every event delivered twice, through inbox and handler, as the
consumer does.
"""

from collections.abc import Callable, Sequence
from itertools import permutations

import pytest
from django.db import transaction

from messaging import inbox
from messaging.events import Event
from quotes_service.handlers import HANDLERS, LIKED, UNLIKED
from quotes_service.models import Quote

pytestmark = pytest.mark.django_db


def deliver(events: Sequence[Event]) -> None:
    """Handle one batch as the consumer does."""
    with transaction.atomic():
        new = inbox.take(events)
        if new:
            HANDLERS[LIKED](new)


@pytest.mark.parametrize("batch", [1, 3])
def test_likes_and_unlikes_in_every_order_each_delivered_twice(
    make_quote: Callable[..., Quote], batch: int
) -> None:
    kinds = [LIKED, UNLIKED, LIKED, LIKED, UNLIKED]
    for number, order in enumerate(permutations(range(5))):
        quote = make_quote()
        events = [
            Event(
                id=f"{number}-{place}",
                type=kind,
                source="/likes",
                subject=f"quotes/{quote.id}",
                data={"quote_id": quote.id, "user_id": 5},
                sequence=place + 1,
            )
            for place, kind in enumerate(kinds)
        ]
        stream = [events[place] for place in order] + [events[place] for place in reversed(order)]
        for start in range(0, len(stream), batch):
            deliver(stream[start : start + batch])
        assert Quote.objects.get(id=quote.id).likes == 1, order


def test_likes_of_a_quote_that_was_deleted_meanwhile_are_passed_over(
    make_quote: Callable[..., Quote],
) -> None:
    quote = make_quote()
    like = Event(
        type=LIKED, source="/likes", subject="quotes/1", data={"quote_id": quote.id}, sequence=1
    )
    quote.delete()
    deliver([like, like])
    assert not Quote.objects.exists()
