"""What a service that takes writes keeps of the accounts: who may act, and nothing else."""

from django.db import models


class Account(models.Model):
    """The replica of an account of Quotes, or the tombstone of one that was deleted there.

    It has those of which Quotes has published something. A tombstone stays for ever, so that an
    event that comes late, or again, can't bring the account back.
    """

    id = models.BigIntegerField(primary_key=True)
    version = models.BigIntegerField()
    active = models.BooleanField()
    staff = models.BooleanField()
    valid_from = models.DateTimeField(null=True)
    deleted = models.BooleanField()

    class Meta:
        db_table = "identity_account"

    def __str__(self) -> str:
        return f"account {self.pk} (deleted)" if self.deleted else f"account {self.pk}"
