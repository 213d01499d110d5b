"""Counts of likes for Quotes, by which it can check and mend its own."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Count

from likes_service import quote_locks
from likes_service.events import LikesCounted
from likes_service.models import Like, Quote
from messaging.outbox import publish, publish_all


def counts(quote_ids: Collection[int]) -> list[dict[str, Any]]:
    """Read how many likes each of these quotes has, but for those that are not known here."""
    known = Quote.objects.filter(id__in=quote_ids, deleted=False).order_by("id")
    likes = Like.objects.filter(quote_id__in=quote_ids).order_by().values("quote_id")
    by_quote = dict(likes.annotate(likes=Count("id")).values_list("quote_id", "likes"))
    return [
        {"quote_id": quote_id, "likes": by_quote.get(quote_id, 0)}
        for quote_id in known.values_list("id", flat=True)
    ]


def publish_counts(quote_ids: Collection[int]) -> list[dict[str, Any]]:
    """Publish each quote's count, and return it with the event's sequence.

    Whoever gives or takes back a like shares the quote's lock until the commit. With the lock
    taken here nobody does: the like events that have their place in the outbox are in the count,
    and all others get a later place. One transaction a quote, so that likes of others never wait.
    """
    return [published for quote_id in sorted(quote_ids) if (published := _publish(quote_id))]


@transaction.atomic
def publish_counts_at_once(quote_ids: Collection[int]) -> int:
    """Publish the counts of quotes in one transaction, and return how many of them are known here.

    Likes of all of them wait for it: it is for restores, and for some hundred quotes.
    """
    quote_locks.take(quote_ids)
    return len(publish_all([LikesCounted(**count) for count in counts(quote_ids)]))


@transaction.atomic
def _publish(quote_id: int) -> dict[str, Any] | None:
    quote_locks.take([quote_id])
    if not Quote.objects.filter(id=quote_id, deleted=False).exists():
        return None
    likes = Like.objects.filter(quote_id=quote_id).count()
    event = publish(LikesCounted(quote_id=quote_id, likes=likes))
    return {"quote_id": quote_id, "likes": likes, "sequence": event.sequence}
