"""Brings the replica up to Quotes over REST, page by page, while both services work.

What is read may be overtaken by events: the rule of `replica.py` keeps the newer of the two. A
quote that is known here and not in its page was deleted, or has just been written. So Quotes is
asked for it by its id. What it does not have was deleted, since an id is never given twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from database.versions import rank
from likes_service import clients
from likes_service.models import Quote, Resync
from likes_service.replica import ROWS_A_STATEMENT, QuoteState, apply_quote_states


@dataclass
class Summary:
    """What a resync has found. `last_id` is the greatest id that it has come to."""

    read: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    last_id: int = 0


def resync_quotes(*, restart: bool = False, dry_run: bool = False) -> Iterator[Summary]:
    """Go on with an unfinished resync, or begin one; yield how far it is after each page.

    With `dry_run` nothing is changed, and it begins at the start. Raises QuotesUnavailable, and
    goes on from there when called again.
    """
    progress = None if restart or dry_run else Resync.objects.first()
    summary = Summary(last_id=progress.last_id if progress else 0)
    after = progress.after if progress else None
    while True:
        page = clients.fetch_quotes_page(after)
        last_id = page.states[-1].id if page.states else summary.last_id
        upto = last_id if page.next_after else None
        states = page.states + _gone(page.states, behind=summary.last_id, upto=upto)
        _count(summary, states)
        summary.read += len(page.states)
        summary.last_id = last_id
        if not dry_run:
            _apply(states, page.next_after, last_id)
        yield summary
        after = page.next_after
        if after is None:
            return


def _gone(page: list[QuoteState], *, behind: int, upto: int | None) -> list[QuoteState]:
    """Return tombstones of the quotes in the page's range that are known here alone."""
    known = Quote.objects.filter(id__gt=behind, deleted=False)
    if upto is not None:
        known = known.filter(id__lte=upto)
    here = dict(known.exclude(id__in=[state.id for state in page]).values_list("id", "version"))
    ids = sorted(here)
    gone = []
    for start in range(0, len(ids), clients.PAGE_SIZE):
        asked = ids[start : start + clients.PAGE_SIZE]
        there = {state.id for state in clients.fetch_quotes(asked)}
        gone += [
            QuoteState(id=quote_id, version=here[quote_id] + 1, deleted=True)
            for quote_id in asked
            if quote_id not in there
        ]
    return gone


def _count(summary: Summary, states: list[QuoteState]) -> None:
    rows = Quote.objects.filter(id__in=[state.id for state in states])
    known = {row[0]: rank(*row[1:]) for row in rows.values_list("id", "deleted", "version")}
    for state in states:
        if state.id not in known:
            summary.created += 1
        elif state.rank > known[state.id]:
            summary.deleted += state.deleted
            summary.updated += not state.deleted


def _apply(states: list[QuoteState], next_after: str | None, last_id: int) -> None:
    """Apply a page, and then note that: what is applied and not noted may be applied again.

    In pieces, since all that Quotes has lost may be among it: PostgreSQL has room for some
    thousands of locks, and likers wait for those that a transaction holds.
    """
    for start in range(0, len(states), ROWS_A_STATEMENT):
        apply_quote_states(states[start : start + ROWS_A_STATEMENT])
    with transaction.atomic():
        Resync.objects.all().delete()
        if next_after is not None:
            Resync.objects.create(after=next_after, last_id=last_id, updated_at=timezone.now())
