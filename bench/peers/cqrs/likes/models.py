"""A like at its master, and its replica, with the count that the replica is there for."""

from dj_cqrs.mixins import MasterMixin, ReplicaMixin
from django.db import models
from django.db.models import F


class Like(MasterMixin):
    """One user's like of one quote."""

    CQRS_ID = "like"

    user_id = models.BigIntegerField()
    quote_id = models.BigIntegerField()
    created_at = models.DateTimeField()


class Quote(models.Model):
    """A quote with its count."""

    likes = models.BigIntegerField(default=0)


class LikeReplica(ReplicaMixin):
    """The like where it is counted."""

    CQRS_ID = "like"

    id = models.BigIntegerField(primary_key=True)
    user_id = models.BigIntegerField()
    quote_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    @classmethod
    def cqrs_create(cls, sync, mapped_data, previous_data=None, meta=None):
        """Keep the like and count it, in the transaction that is open around this."""
        like = super().cqrs_create(sync, mapped_data, previous_data=previous_data)
        Quote.objects.filter(pk=like.quote_id).update(likes=F("likes") + 1)
        return like
