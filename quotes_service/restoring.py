"""After a backup of Quotes was restored: numbers that were never given, and Likes in step.

Likes may know quotes and accounts that are lost, newer states of others, and deletions of some.
Messages about them may be on their way, too. So all are published again with a version of a new
life, which wins over whatever comes of the old one. An id that was given and has no row is deleted
there.
"""

from collections.abc import Callable, Iterator, Sequence

from django.db import transaction
from django.db.models import F, Max, Model

from database.sequences import last_given, leap
from database.versions import next_life
from messaging.events import Payload
from messaging.outbox import publish_all
from quotes_service import events
from quotes_service.account_events import UserDeleted, UserUpdated
from quotes_service.clients import KnownNumbers
from quotes_service.models import Quote, User

# Ids that were given before the last that is known, or after it, and whose row is not known: of
# transactions that were under way, and of messages that a consumer held.
UNKNOWN_IDS = 1000
_PAGE = 500


def bring_in_step(known: KnownNumbers, waiting: int) -> Iterator[int]:
    """Do so, and yield how many events were written after each page.

    `waiting` is how many messages Likes has not handled: each may be of an id that it doesn't know.
    """
    greatest = [rows.objects.aggregate(version=Max("version"))["version"] for rows in (Quote, User)]
    version = next_life(max(known.version, *(each or 0 for each in greatest)))
    unknown = UNKNOWN_IDS + waiting
    lost_users = _leap(User, known.user_id + unknown)
    lost_quotes = _leap(Quote, known.quote_id + unknown)
    for page in _pages(User):
        yield _publish_users(page, version)
    for page in _pages(Quote):
        yield _publish_quotes(page, version)
    yield from _publish_lost(User, lost_users, lambda id: UserDeleted(id, version))
    yield from _publish_lost(Quote, lost_quotes, lambda id: events.QuoteDeleted(id, version))


def _leap(rows: type[Model], known: int) -> range:
    """Have no id given up to one that is known, and return those that may be of lost rows."""
    own = last_given(rows)
    leap(rows, max(own, known))
    return range(max(1, own - UNKNOWN_IDS), max(own, known) + 1)


@transaction.atomic
def _publish_quotes(quote_ids: Sequence[int], version: int) -> int:
    rows = Quote.objects.filter(id__in=quote_ids)
    quotes = list(rows.select_for_update(no_key=True).order_by("id"))
    searchable = rows.filter(searchable_version=F("version"))
    searchable.update(version=version, searchable_version=version)
    rows.update(version=version)
    for quote in quotes:
        quote.version = version
    publish_all([events.restored(quote) for quote in quotes])
    return len(quotes)


@transaction.atomic
def _publish_users(user_ids: Sequence[int], version: int) -> int:
    rows = User.objects.filter(id__in=user_ids)
    users = list(rows.select_for_update(no_key=True).order_by("id"))
    rows.update(version=version)
    publish_all(
        [
            UserUpdated.of(
                id=user.pk,
                version=version,
                active=user.is_active,
                staff=user.is_staff,
                valid_from=user.valid_from,
            )
            for user in users
        ]
    )
    return len(users)


def _publish_lost(
    rows: type[Quote | User], ids: range, deleted: Callable[[int], Payload]
) -> Iterator[int]:
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        with transaction.atomic():
            there = set(rows.objects.filter(id__in=page).values_list("id", flat=True))
            lost = [each for each in page if each not in there]
            publish_all([deleted(each) for each in lost])
        yield len(lost)


def _pages(rows: type[Quote | User]) -> Iterator[list[int]]:
    last = 0
    ids = rows.objects.order_by("id").values_list("id", flat=True)
    while page := list(ids.filter(id__gt=last)[:_PAGE]):
        yield page
        last = page[-1]
