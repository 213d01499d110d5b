"""Compares the counts of likes with Likes, which knows the truth, and mends them."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quotes_service import clients
from quotes_service.models import Quote, User

# Events of a moment ago are still on their way: a difference is looked at again.
LOOKS = 4
PAUSE = 0.5  # seconds between looks


class NotApplied(Exception):
    """Published counts did not arrive in time."""


@dataclass(frozen=True)
class Difference:
    """A quote whose count is not what Likes says.

    If it is `settled`, both stood still while they were looked at: the count is wrong. Else likes
    are being given, and what differs may be on its way.
    """

    quote_id: int
    stored: int
    counted: int
    settled: bool


def differences(quote_ids: Sequence[int] = ()) -> Iterator[Difference]:
    """Compare all counts, or those of some quotes. Raises LikesUnavailable."""
    for page in _pages(quote_ids):
        first = _compare(page)
        looks = [first]
        while looks[-1] and len(looks) < LOOKS:
            time.sleep(PAUSE)
            looks.append(_compare(list(looks[-1])))
        for quote_id, (stored, counted) in sorted(looks[-1].items()):
            settled = first[quote_id] == (stored, counted)
            yield Difference(quote_id, stored, counted, settled)


def repair(quote_ids: Sequence[int], staff: User, patience: float) -> list[int]:
    """Have the counts of up to PAGE_SIZE quotes set anew, exactly, whatever goes on meanwhile.

    Return those that Likes does not know. Raises LikesUnavailable, and NotApplied if the counts
    have not come within `patience` seconds; they will be set when they come.
    """
    sequences = clients.have_counts_published(quote_ids, staff)
    deadline = time.monotonic() + patience
    while missing := _not_applied(sequences):
        if time.monotonic() > deadline:
            raise NotApplied(
                f"{len(missing)} counts are published, and have not arrived in {patience:.0f} s:"
                " do the relay of Likes and the consumer of Quotes run?"
            )
        time.sleep(0.05)
    return sorted(set(quote_ids) - set(sequences))


def _not_applied(sequences: dict[int, int]) -> list[int]:
    rows = Quote.objects.filter(id__in=list(sequences))
    reached = rows.values_list("id", "likes_counted_sequence")
    return [quote_id for quote_id, counted in reached if counted < sequences[quote_id]]


def _compare(quote_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    stored = dict(Quote.objects.filter(id__in=quote_ids).values_list("id", "likes"))
    counted = clients.fetch_counts(quote_ids)
    return {
        quote_id: (likes, counted.get(quote_id, 0))
        for quote_id, likes in stored.items()
        if likes != counted.get(quote_id, 0)
    }


def _pages(quote_ids: Sequence[int]) -> Iterator[list[int]]:
    size = clients.PAGE_SIZE
    if quote_ids:
        yield from (
            list(quote_ids[start : start + size]) for start in range(0, len(quote_ids), size)
        )
        return
    last = 0
    rows = Quote.objects.order_by("id").values_list("id", flat=True)
    while page := list(rows.filter(id__gt=last)[:size]):
        yield page
        last = page[-1]
