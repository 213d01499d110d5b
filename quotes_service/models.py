"""The data: accounts, sessions, quotes, and the keys by which a repeated request is known."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from quotes_service.users import User as User

TITLE_MAX = 500
AUTHOR_MAX = 100
KEY_MAX = 255


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
    # The version that its `SearchableText` has. The one of the release before writes none.
    searchable_version = models.BigIntegerField(db_default=0, editable=False)
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
            models.Index(
                fields=["id"],
                condition=~models.Q(searchable_version=models.F("version")),
                name="quote_not_searchable",
            ),
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


class Session(models.Model):
    """A login that goes on, on one device, until it ends or has not been used for long.

    It goes on by its refresh token, of which two parts are kept, as hashes: a handle that stays,
    by which it is found, and a secret that changes with each use.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,  # the index below serves it
        db_constraint=False,  # releases that know no sessions must be able to delete accounts
    )
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(db_index=True)
    handle_hash = models.CharField(max_length=64, unique=True)
    secret_hash = models.CharField(max_length=64)
    # Of the secret before: its hash, and what the present one was made of it with.
    used_secret_hash = models.CharField(max_length=64, blank=True)
    salt = models.CharField(max_length=64, blank=True)
    # Of the password, as it is kept: whoever changes that, by whatever way, ends the session.
    password_digest = models.CharField(max_length=64)

    class Meta:
        indexes = (models.Index(fields=["user", "-last_used_at", "-id"], name="session_last_used"),)

    def __str__(self) -> str:
        return f"session {self.pk}"


class SearchableText(models.Model):
    """What a quote is found by, written by `quotes_service.search.searchable`.

    It has a table of its own, since a like would else write all trigrams of the text anew.
    No foreign key: the release before deletes quotes without it. What that leaves finds nothing.
    """

    quote = models.OneToOneField(
        Quote, on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    text = models.TextField()

    def __str__(self) -> str:
        return self.text.strip()


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
