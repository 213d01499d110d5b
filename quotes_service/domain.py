"""Every write to quotes but their counts: one transaction of the row's change, then its event.

The row first: its lock makes the order of the events of one quote the order of their commits.
"""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import orjson
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from identity.tokens import Caller
from messaging.outbox import publish
from quotes_service import events
from quotes_service.account_events import UserDeleted
from quotes_service.models import IdempotencyKey, Quote, SearchableText, User
from quotes_service.search.refolding import catch_up, write_searchable
from rest.errors import InvalidToken, NotFound, PermissionDenied, Unprocessable

# How long a repeated request is known. Clients give up on retries within a day.
KEY_RETENTION = timedelta(days=7)
# Old ones are looked for at every so many quotes, and then among twice as many.
KEYS_A_ROUND = 10
# So many quotes that the release before wrote are made searchable with every so many new ones.
CAUGHT_UP_EVERY = 10
MOST_CAUGHT_UP = 100


def create_quote(*, user_id: int, title: str, author: str = "") -> Quote:
    """Write a quote."""
    try:
        with transaction.atomic():
            return _insert(user_id, title, author)
    except IntegrityError:
        _require_user(user_id)
        raise


def create_quote_once(
    *, user_id: int, key: str, title: str, author: str = ""
) -> tuple[Quote, bool]:
    """Write a quote, unless this user did so with this key: then return that one and `True`.

    Raises `Unprocessable` if it was another request, `NotFound` if that quote is gone.
    """
    request_hash = hashlib.sha256(orjson.dumps([title, author])).hexdigest()
    try:
        return _insert_with_key(user_id, key, request_hash, title, author), False
    except IntegrityError:
        earlier = _made_with(user_id, key, request_hash)
    if earlier is None:
        _require_user(user_id)
        # The key was old, and has been forgotten meanwhile.
        return _insert_with_key(user_id, key, request_hash, title, author), False
    return earlier, True


class OtherVersion(Exception):
    """A quote is not as its caller has seen it."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(f"The quote was changed meanwhile: it is at version {quote.version}.")
        self.quote = quote


def update_quote(
    *,
    quote_id: int,
    caller: Caller,
    title: str | None = None,
    author: str | None = None,
    expected: Collection[int] | None = None,
) -> Quote:
    """Change what is given of a quote, if its version is one of the `expected`.

    Raises `NotFound`, `PermissionDenied` and `OtherVersion`.
    """
    changes = {"title": title, "author": author}
    given = {name: value for name, value in changes.items() if value is not None}
    with transaction.atomic():
        # The creator never changes but to none, so that no lock is needed to ask for it.
        rows = Quote.objects.all() if expected is None else Quote.objects.select_for_update()
        quote = _found(rows.filter(id=quote_id).first())
        _check_may_change(quote, caller)
        _check_version(quote, expected)
        return _found(_change(quote_id, **given)) if given else quote


def delete_quote(
    *, quote_id: int, caller: Caller, expected: Collection[int] | None = None
) -> Quote:
    """Delete a quote, if its version is one of the `expected`, and return it as it was.

    Raises `NotFound`, `PermissionDenied` and `OtherVersion`.
    """
    with transaction.atomic():
        quote = _found(Quote.objects.select_for_update().filter(id=quote_id).first())
        _check_may_change(quote, caller)
        _check_version(quote, expected)
        Quote.objects.filter(id=quote_id).delete()
        SearchableText.objects.filter(quote=quote_id).delete()
        publish(events.QuoteDeleted(id=quote_id, version=quote.version + 1))
        return quote


def delete_quotes(*, quote_ids: Iterable[int], caller: Caller) -> None:
    """Delete several, all or none. Those that are gone already are passed over."""
    with transaction.atomic():
        for quote_id in sorted(quote_ids):  # in one order, so that two of these can't deadlock
            if Quote.objects.filter(id=quote_id).exists():
                delete_quote(quote_id=quote_id, caller=caller)


def delete_user(*, user_id: int) -> None:
    """Delete an account. Its quotes stay, without a creator; Likes withdraws its likes."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(id=user_id).first()
        if user is None:
            return
        quotes = Quote.objects.filter(created_by=user_id).order_by("id")
        for quote_id in quotes.values_list("id", flat=True):
            _change(quote_id, created_by=None)
        User.objects.filter(id=user_id).delete()
        publish(UserDeleted(id=user_id, version=user.version + 1))


def _insert_with_key(user_id: int, key: str, request_hash: str, title: str, author: str) -> Quote:
    """Write a quote and the key that it was written with. Raises IntegrityError if that is used."""
    with transaction.atomic():
        quote = _insert(user_id, title, author)
        # Waits here for another transaction with the same key, and fails if that commits.
        IdempotencyKey.objects.create(
            user_id=user_id,
            key=key,
            request_hash=request_hash,
            quote_id=quote.id,
            created_at=quote.created_at,
        )
        if quote.id % KEYS_A_ROUND == 0:  # last, so that nobody is waited for with these locked
            _forget_old_keys(quote.created_at - KEY_RETENTION)
        return quote


def _insert(user_id: int, title: str, author: str) -> Quote:
    now = timezone.now()
    quote = Quote.objects.create(
        title=title,
        author=author,
        created_by_id=user_id,
        created_at=now,
        updated_at=now,
        searchable_version=1,
    )
    write_searchable([quote])
    publish(events.created(quote))
    if quote.id % CAUGHT_UP_EVERY == 0:
        catch_up(MOST_CAUGHT_UP)
    return quote


def _change(quote_id: int, **values: str | None) -> Quote | None:
    """Change a quote and publish that; `None` if it is gone."""
    rows = Quote.objects.filter(id=quote_id)
    if not rows.update(**values, version=F("version") + 1, updated_at=timezone.now()):
        return None
    quote = rows.get()  # as this transaction changed it: the row is locked until it commits
    write_searchable([quote])
    publish(events.updated(quote))
    return quote


def _found(quote: Quote | None) -> Quote:
    if quote is None:
        raise NotFound("There is no such quote.")
    return quote


def _check_may_change(quote: Quote, caller: Caller) -> None:
    if not caller.staff and quote.created_by_id != caller.user_id:
        raise PermissionDenied("Only the creator of a quote, or staff, may change it.")


def _check_version(quote: Quote, expected: Collection[int] | None) -> None:
    if expected is not None and quote.version not in expected:
        raise OtherVersion(quote)


def _forget_old_keys(limit: datetime) -> None:
    """Delete the oldest keys that were made before. They are found by their ids, which grow."""
    oldest = IdempotencyKey.objects.select_for_update(skip_locked=True).order_by("id")
    rows = oldest.values_list("id", "created_at")[: 2 * KEYS_A_ROUND]
    if old := [key_id for key_id, created_at in rows if created_at < limit]:
        IdempotencyKey.objects.filter(id__in=old).delete()


def _made_with(user_id: int, key: str, request_hash: str) -> Quote | None:
    earlier = IdempotencyKey.objects.filter(user_id=user_id, key=key).first()
    if earlier is None:
        return None
    if earlier.request_hash != request_hash:
        raise Unprocessable(
            "This Idempotency-Key was sent with another request.", code="idempotency_key_reused"
        )
    quote = Quote.objects.filter(id=earlier.quote_id).first()
    if quote is None:
        raise NotFound("The quote that this Idempotency-Key made has been deleted since.")
    return quote


def _require_user(user_id: int) -> None:
    if not User.objects.filter(id=user_id).exists():
        raise InvalidToken("The account of this token is gone.")
