"""Likes: every write, each one transaction of the row and its event.

Whoever changes likes of a quote shares the quote's lock until the commit (`quote_locks`). Likers
don't wait for one another. The deletion of the quote takes the lock alone: no like is then under
way, and it sees each one whose event has a smaller outbox sequence than its own. So it is with an
account and its end.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from identity.models import Account
from identity.standing import NOT_ACTIVE
from likes_service import clients, quote_locks, recent_events
from likes_service.errors import AlreadyLiked, NotLiked, QuoteNotFound
from likes_service.events import LikeCreated, LikeDeleted
from likes_service.models import Like, Quote, WithdrawnLike
from likes_service.recent_events import RecentEvent
from likes_service.replica import apply_quote_states
from messaging.outbox import publish
from rest.errors import InvalidToken


@dataclass(frozen=True, kw_only=True)
class LikeChange:
    """A like that was given or taken back, and the user's latest events on that quote.

    `events` are those that Quotes may not have counted yet, the newest last.
    """

    quote_id: int
    user_id: int
    created_at: datetime
    events: list[RecentEvent]


class _DoneBefore(Exception):
    """What has this key was done before, so that the transaction that does it again is undone."""

    def __init__(self, change: LikeChange) -> None:
        super().__init__()
        self.change = change


def like_quote(*, user_id: int, quote_id: int, key: str | None = None) -> LikeChange:
    """Let a user like a quote, and publish `LikeCreated`; with a key that was done before, nothing.

    A quote that the replica doesn't have is asked of Quotes: it may have been created a moment
    ago. Call it outside a transaction, as nothing should be locked during that.

    Raises AlreadyLiked, QuoteNotFound, QuotesUnavailable, and InvalidToken for an account that was
    deleted after its token was judged.
    """
    try:
        return _like_unless_done(user_id, quote_id, key)
    except _DoneBefore as before:
        return before.change


def _like_unless_done(user_id: int, quote_id: int, key: str | None) -> LikeChange:
    for _ in range(_ATTEMPTS):
        change = _like(user_id, quote_id, key)
        if change is not None:
            return change
        _check_not_liked(user_id, quote_id, key)
        _check_that_account_exists(user_id)
        if not _is_known(quote_id):
            state = clients.fetch_quote(quote_id)
            if state is None:
                raise QuoteNotFound
            apply_quote_states([state])
        else:
            _check_that_quote_exists(quote_id)
        # Nothing stands in the way any more: the quote has arrived, or an unlike came between.
    raise AlreadyLiked([])


def unlike_quote(*, user_id: int, quote_id: int, key: str | None = None) -> LikeChange:
    """Take a user's like back, and publish `LikeDeleted`; with a key that was done before, nothing.

    Raises NotLiked, and QuoteNotFound for a quote that is deleted or not known here, which
    nobody can like.
    """
    try:
        change = _unlike(user_id, quote_id, key)
        if change is None:
            _check_that_quote_exists(quote_id)
            events = _withdrawn_events(user_id, quote_id)
            _check_not_done(user_id, quote_id, key, -1, events)
            raise NotLiked(recent_events.as_json(events))
    except _DoneBefore as before:
        return before.change
    return change


@transaction.atomic
def _like(user_id: int, quote_id: int, key: str | None) -> LikeChange | None:
    """Give the like, unless the quote is unknown, or it or the account is deleted, or they like it.

    One statement decides, so that of any number at once exactly one has given the like.
    """
    quote_locks.share(quote_id, user_id)
    now = timezone.now()
    inserted = list(
        Like.objects.raw(
            f"INSERT INTO {_table(Like)} (user_id, quote_id, created_at, events)"  # noqa: S608
            f" SELECT %s, id, %s, '[]' FROM {_table(Quote)} WHERE id = %s AND NOT deleted"
            f" AND NOT EXISTS (SELECT 1 FROM {_table(Account)} WHERE id = %s AND deleted)"
            f" ON CONFLICT DO NOTHING RETURNING {_LIKE_COLUMNS}",
            [user_id, connection.ops.adapt_datetimefield_value(now), quote_id, user_id],
        )
    )
    if not inserted:
        return None
    [like] = inserted
    event = publish(LikeCreated.of(like))
    # Only now: an unlike that was waited for above has left its events here.
    withdrawn = list(
        WithdrawnLike.objects.raw(
            f"DELETE FROM {_table(WithdrawnLike)} WHERE user_id = %s AND quote_id = %s"  # noqa: S608
            " RETURNING id, user_id, quote_id, events",
            [user_id, quote_id],
        )
    )
    earlier = recent_events.read(withdrawn[0].events) if withdrawn else []
    _check_not_done(user_id, quote_id, key, 1, earlier)
    events = recent_events.followed_by(earlier, RecentEvent.of(event, 1, key))
    Like.objects.filter(pk=like.pk).update(events=recent_events.written(events))
    return _change(like, events)


@transaction.atomic
def _unlike(user_id: int, quote_id: int, key: str | None) -> LikeChange | None:
    """Take the like back, unless there is none."""
    quote_locks.share_quotes([quote_id])
    deleted = list(
        Like.objects.raw(
            f"DELETE FROM {_table(Like)} WHERE user_id = %s AND quote_id = %s"  # noqa: S608
            f" RETURNING {_LIKE_COLUMNS}",
            [user_id, quote_id],
        )
    )
    if not deleted:
        return None
    [like] = deleted
    earlier = recent_events.read(like.events)
    _check_not_done(user_id, quote_id, key, -1, earlier)
    event = publish(LikeDeleted.of(like))
    events = recent_events.followed_by(earlier, RecentEvent.of(event, -1, key))
    WithdrawnLike.objects.bulk_create(
        [
            WithdrawnLike(
                user_id=user_id,
                quote_id=quote_id,
                events=recent_events.written(events),
            )
        ],
        update_conflicts=True,
        unique_fields=["user_id", "quote_id"],
        update_fields=["events"],
    )
    return _change(like, events)


def _check_not_liked(user_id: int, quote_id: int, key: str | None) -> None:
    like = Like.objects.filter(user_id=user_id, quote_id=quote_id).first()
    if like is not None:
        events = recent_events.read(like.events)
        _check_not_done(user_id, quote_id, key, 1, events, like.created_at)
        raise AlreadyLiked(recent_events.as_json(events))


def _withdrawn_events(user_id: int, quote_id: int) -> list[RecentEvent]:
    """Return the events that are kept with a like that was taken back.

    Whoever repeats that, not knowing whether it was done, is shown a count with it, too.
    """
    row = WithdrawnLike.objects.filter(user_id=user_id, quote_id=quote_id).first()
    return [] if row is None else recent_events.read(row.events)


def _check_not_done(
    user_id: int,
    quote_id: int,
    key: str | None,
    likes: int,
    events: list[RecentEvent],
    created_at: datetime | None = None,
) -> None:
    """Raise _DoneBefore if a request with this key has led to one of these likes, or unlikes."""
    for event in events:
        if key is not None and (event.key, event.likes) == (key, likes):
            raise _DoneBefore(
                LikeChange(
                    quote_id=quote_id,
                    user_id=user_id,
                    created_at=created_at or event.time,
                    events=events,
                )
            )


def _is_known(quote_id: int) -> bool:
    """Return whether the replica has the quote, be it as a tombstone."""
    return Quote.objects.filter(id=quote_id).exists()


def _check_that_quote_exists(quote_id: int) -> None:
    if not Quote.objects.filter(id=quote_id, deleted=False).exists():
        raise QuoteNotFound


def _check_that_account_exists(user_id: int) -> None:
    if Account.objects.filter(id=user_id, deleted=True).exists():
        raise InvalidToken(NOT_ACTIVE)


def _change(like: Like, events: list[RecentEvent]) -> LikeChange:
    return LikeChange(
        quote_id=like.quote_id, user_id=like.user_id, created_at=like.created_at, events=events
    )


# Each can be overtaken by the quote's arrival and by this user's own other requests.
_ATTEMPTS = 3
_LIKE_COLUMNS = "id, user_id, quote_id, created_at, events"


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
