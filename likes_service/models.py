"""What Likes keeps: who likes which quote, and a replica of the quotes.

Likes are written by `domain.py`. The replica is by `replica.py`, which also takes the likes of a
deleted quote away. Those of a deleted account are withdrawn by `withdrawing.py`.
"""

from django.db import models


class Quote(models.Model):
    """The replica of a quote of Quotes, or the tombstone of one that was deleted there.

    A tombstone stays for ever, so that an event about the quote that comes late, or again,
    can't bring it back. It keeps no text. Nothing is checked here that Quotes has checked: a
    newer Quotes may allow longer texts.
    """

    id = models.BigIntegerField(primary_key=True)
    title = models.TextField(blank=True)
    author = models.TextField(blank=True)
    version = models.BigIntegerField()
    created_by = models.BigIntegerField(null=True)
    deleted = models.BooleanField(default=False)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        # The pages of quotes leave tombstones out, which grow in number for ever.
        indexes = (
            models.Index(fields=["id"], condition=models.Q(deleted=False), name="quote_there"),
        )

    def __str__(self) -> str:
        return f"quote {self.pk} (deleted)" if self.deleted else self.title[:80]


class Like(models.Model):
    """One user's like of one quote."""

    user_id = models.BigIntegerField()
    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, db_index=False)
    created_at = models.DateTimeField()
    # The user's latest likes and unlikes of this quote, see `recent_events.py`.
    events = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user_id", "quote"], name="like_once"),)
        indexes = (
            models.Index(fields=["quote", "-id"], name="like_by_quote"),
            models.Index(fields=["user_id", "-id"], name="like_by_user"),
        )

    def __str__(self) -> str:
        return f"user {self.user_id} likes quote {self.quote_id}"


class WithdrawnLike(models.Model):
    """What was in `Like.events` of a like that was taken back, until the next like.

    Quotes may not have counted the like and its withdrawal yet.
    """

    user_id = models.BigIntegerField()
    # Not a foreign key: it needs no lock on the quote, and is deleted together with the likes.
    quote_id = models.BigIntegerField()
    events = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["quote_id", "user_id"], name="withdrawn_like_once"),
        )

    def __str__(self) -> str:
        return f"user {self.user_id} no longer likes quote {self.quote_id}"


class Withdrawal(models.Model):
    """Somebody whose account was deleted, and whose likes are being withdrawn."""

    user_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"the likes of user {self.user_id}"


class Resync(models.Model):
    """How far an unfinished `resync_quotes` has come: there is one row, or none."""

    after = models.TextField()
    last_id = models.BigIntegerField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"resync up to quote {self.last_id}"
