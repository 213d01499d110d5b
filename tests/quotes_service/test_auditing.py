"""An audit of the counts, with a Likes that answers what the test says."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from quotes_service import auditing, clients
from quotes_service.auditing import Difference, differences
from quotes_service.models import Quote

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[int, Iterator[int]]:
    """What Likes answers for each quote, one look after the other; without an entry, 0."""
    counts: dict[int, Iterator[int]] = {}

    def fetch_counts(quote_ids: Sequence[int]) -> dict[int, int]:
        return {quote_id: next(counts[quote_id]) for quote_id in quote_ids if quote_id in counts}

    monkeypatch.setattr(auditing, "PAUSE", 0)
    monkeypatch.setattr(clients, "fetch_counts", fetch_counts)
    return counts


def test_a_count_is_wrong_if_both_stand_still_and_on_its_way_if_not(
    make_quote: Callable[..., Quote], counted: dict[int, Iterator[int]]
) -> None:
    wrong, moving, late = (make_quote(likes=5).id for _ in range(3))
    counted |= {wrong: iter([4] * 4), moving: iter([6, 7, 8, 9]), late: iter([6, 5])}
    assert list(differences()) == [
        Difference(wrong, stored=5, counted=4, settled=True),
        Difference(moving, stored=5, counted=9, settled=False),
    ]


def test_every_quote_is_looked_at_however_many_there_are(
    make_quote: Callable[..., Quote], counted: dict[int, Iterator[int]]
) -> None:
    ids = [make_quote().id for _ in range(2 * clients.PAGE_SIZE + 1)]
    counted |= {ids[-1]: iter([1] * 4)}
    assert [difference.quote_id for difference in differences()] == [ids[-1]]
