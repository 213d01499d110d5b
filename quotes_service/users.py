"""The account, and what is published when it may act or its tokens hold no longer.

Django's admin and its commands (`changepassword`) change an account by nothing but `save()`, so
that it is the one place where no change can be missed. `QuerySet.update()` passes by it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.utils import timezone

from messaging.outbox import publish
from quotes_service.account_events import UserUpdated

# Tokens end a little later than now: clocks of two hosts differ, and somebody may just be
# logging in with the old password. A new token is not issued earlier than its account's
# `valid_from`, and holds at once.
CLOCKS_DIFFER = timedelta(seconds=1)
_STANDING = frozenset({"is_active", "is_staff", "password", "valid_from"})


class User(AbstractUser):
    """Someone with an account.

    `version` grows by one whenever it changes who may act. A token that was issued before
    `valid_from` holds no longer.
    """

    version = models.BigIntegerField(default=1, db_default=1, editable=False)
    valid_from = models.DateTimeField(null=True, editable=False)
    # What names are compared by. Of accounts whose names were one already, the oldest has it.
    username_key = models.TextField(null=True, unique=True, editable=False)

    _ends_tokens = False

    def end_tokens(self) -> None:
        """Make every token that was issued until now end with the next `save()`."""
        self._ends_tokens = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the account, and publish what it changes of who may act. It may be an old copy."""
        named = kwargs.get("update_fields")
        written = _STANDING if named is None else _STANDING.intersection(named)
        if self._state.adding or not written:
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            stored = User.objects.select_for_update(no_key=True).filter(pk=self.pk).first()
            if stored is not None:
                self._follow(stored, written)
            if named is not None:
                kwargs["update_fields"] = {*named, "version", "valid_from"}
            super().save(*args, **kwargs)
            if stored is not None and self.version > stored.version:
                publish(self._updated(written, stored))
        self._ends_tokens = False

    def _follow(self, stored: "User", written: frozenset[str]) -> None:
        """Set the version and `valid_from` to what comes after those that are stored."""
        changed = {name for name in written if getattr(self, name) != getattr(stored, name)}
        ended = self._ends_tokens or "password" in changed
        self.valid_from = _after(stored.valid_from) if ended else stored.valid_from
        self.version = stored.version + bool(ended or changed & {"is_active", "is_staff"})

    def _updated(self, written: frozenset[str], stored: "User") -> UserUpdated:
        return UserUpdated.of(
            id=self.pk,
            version=self.version,
            active=(self if "is_active" in written else stored).is_active,
            staff=(self if "is_staff" in written else stored).is_staff,
            valid_from=self.valid_from,
        )


def _after(valid_from: datetime | None) -> datetime:
    """Return when tokens hold from, if those issued until now end. It never goes back."""
    soon = timezone.now() + CLOCKS_DIFFER
    return soon if valid_from is None else max(soon, valid_from + timedelta(microseconds=1))
