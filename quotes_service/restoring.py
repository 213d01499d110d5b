"""After a backup of Quotes was restored: numbers that were never given, and Likes in step.

Likes may know quotes that are lost, newer states of others, and deletions of some. Messages about
them may be on their way, too. So each quote is published again with a version of a new life, which
wins over whatever comes of the old one. An id that was given and has no quote is deleted there.
"""

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.db.models import Max

from database.sequences import last_given, leap
from messaging.outbox import publish
from quotes_service import events
from quotes_service.clients import KnownQuotes
from quotes_service.models import Quote, User

VERSIONS_A_LIFE = 1_000_000  # as `likes_service.replica` has it
# Accounts that nobody knows of any more had tokens, which must not be of somebody else.
USERS_LEAP = 1_000_000
# Ids that were given before the last that is known, or after it, and whose quote is not known: of
# transactions that were under way, and of messages that a consumer held.
UNKNOWN_IDS = 1000
_PAGE = 500


def bring_in_step(known: KnownQuotes, waiting: int) -> Iterator[int]:
    """Do so, and yield how many quotes were published after each page, those that are lost too.

    `waiting` is how many messages Likes has not handled: each may be of an id that it doesn't know.
    """
    own = last_given(Quote)
    last = max(own, known.quote_id) + UNKNOWN_IDS + waiting
    leap(Quote, last)
    leap(User, max(last_given(User), known.user_id) + USERS_LEAP)
    newest: int = Quote.objects.aggregate(newest=Max("version"))["newest"] or 0
    version = (max(newest, known.version) // VERSIONS_A_LIFE + 1) * VERSIONS_A_LIFE
    for page in _pages():
        yield _publish_restored(page, version)
    first = max(0, own - UNKNOWN_IDS) + 1
    for start in range(first, last + 1, _PAGE):
        yield _publish_lost(range(start, min(start + _PAGE, last + 1)), version)


@transaction.atomic
def _publish_restored(quote_ids: Sequence[int], version: int) -> int:
    rows = Quote.objects.filter(id__in=quote_ids).order_by("id")
    quotes = list(rows.select_for_update())
    Quote.objects.filter(id__in=quote_ids).update(version=version)
    for quote in quotes:
        quote.version = version
        publish(events.restored(quote))
    return len(quotes)


@transaction.atomic
def _publish_lost(quote_ids: Sequence[int], version: int) -> int:
    there = set(Quote.objects.filter(id__in=quote_ids).values_list("id", flat=True))
    lost = [quote_id for quote_id in quote_ids if quote_id not in there]
    for quote_id in lost:
        publish(events.QuoteDeleted(id=quote_id, version=version))
    return len(lost)


def _pages() -> Iterator[list[int]]:
    last = 0
    rows = Quote.objects.order_by("id").values_list("id", flat=True)
    while page := list(rows.filter(id__gt=last)[:_PAGE]):
        yield page
        last = page[-1]
