"""The data: accounts, quotes, and the keys by which a repeated request is known."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

TITLE_MAX = 500
AUTHOR_MAX = 100
KEY_MAX = 255


class User(AbstractUser):
    """Someone with an account. Our own class, so that it can grow."""


class Quote(models.Model):
    """Something worth repeating. `title` is its text, `author` who said it, or empty.

    `likes` may be below 0 for a moment, when an unlike is counted before its like; it is shown
    as at least 0. `version` grows by one with every change but a like.
    """

    id = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=TITLE_MAX)
    author = models.CharField(max_length=AUTHOR_MAX, blank=True)
    likes = models.BigIntegerField(default=0, editable=False)
    version = models.BigIntegerField(default=1, editable=False)
    # Of the events of likes: the greatest sequence that is in `likes`, and that of the last
    # count that Likes has published, which has all before it in it.
    likes_sequence = models.BigIntegerField(default=0, editable=False)
    likes_counted_sequence = models.BigIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        db_index=False,  # the index below serves it
        related_name="quotes",
    )
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        # One for each filter and order that `lists.py` offers.
        indexes = (
            models.Index(fields=["likes", "id"], name="quote_most_liked"),
            models.Index(fields=["created_at", "id"], name="quote_by_time"),
            models.Index(fields=["created_by", "created_at", "id"], name="quote_by_creator_time"),
            models.Index(fields=["created_by", "likes", "id"], name="quote_by_creator_likes"),
            models.Index(fields=["author", "created_at", "id"], name="quote_by_author_time"),
            models.Index(fields=["author", "likes", "id"], name="quote_by_author_likes"),
        )
        # SQLite knows no length of a column, and neither database knows what blank is.
        constraints = (
            models.CheckConstraint(
                condition=GreaterThanOrEqual(Length("title"), 1)
                & LessThanOrEqual(Length("title"), TITLE_MAX),
                name="quote_title_length",
            ),
            models.CheckConstraint(
                condition=models.Q(LessThanOrEqual(Length("author"), AUTHOR_MAX)),
                name="quote_author_length",
            ),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="quote_version"),
        )

    def __str__(self) -> str:
        return f"{self.title[:60]}…" if len(self.title) > 60 else self.title


class IdempotencyKey(models.Model):
    """A key that a user sent with the request that made a quote.

    It outlives its quote, so that a request repeated late makes no second one.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=KEY_MAX)
    request_hash = models.CharField(max_length=64)
    quote_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once"),
        )

    def __str__(self) -> str:
        return self.key
