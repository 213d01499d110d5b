"""After a backup of Likes was restored: the replica as Quotes has it, and the counts at Quotes.

The counts come from a place in the outbox beyond all that Quotes has heard, so that events of the
lost likes that are still on their way count for nothing.
"""

from collections.abc import Iterator

from likes_service.counting import publish_counts_at_once
from likes_service.models import Quote
from likes_service.resync import resync_quotes

_PAGE = 100  # so many locks are held at once


def bring_in_step() -> Iterator[int]:
    """Do so, and yield how many quotes were read or counted after each page.

    Raises QuotesUnavailable.
    """
    read = 0
    for summary in resync_quotes(restart=True):
        yield summary.read - read
        read = summary.read
    rows = Quote.objects.filter(deleted=False).order_by("id").values_list("id", flat=True)
    last = 0
    while page := list(rows.filter(id__gt=last)[:_PAGE]):
        yield publish_counts_at_once(page)
        last = page[-1]
