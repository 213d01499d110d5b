"""The account, and what is published when it may act or its tokens hold no longer.

Django's admin and its commands (`changepassword`) change an account by nothing but `save()`, so
that it is the one place where no change can be missed. `QuerySet.update()` passes by it.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from unicodedata import normalize

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from messaging.outbox import publish
from quotes_service.account_events import UserUpdated
from quotes_service.names import check_scripts
from web.names import name_key

# Tokens end a little later than now: clocks of two hosts differ, and somebody may just be
# logging in with the old password. A new token is not issued earlier than its account's
# `valid_from`, and holds at once.
CLOCKS_DIFFER = timedelta(seconds=1)
# What is looked at before it is written.
_STANDING = frozenset({"is_active", "is_staff", "password", "username", "valid_from"})
_KEPT = frozenset({"version", "valid_from", "username_key"})


class Accounts(UserManager["User"]):
    """Finds accounts by any spelling of their names."""

    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the account of exactly this name, or of one that is compared as equal to it."""
        name = User.normalize_username(username or "")
        either = models.Q(username=name) | models.Q(username_key=name_key(name))
        found = sorted(self.filter(either), key=lambda user: user.username != name)
        if not found:
            raise User.DoesNotExist
        return found[0]


class User(AbstractUser):
    """Someone with an account.

    `version` grows by one whenever it changes who may act. A token that was issued before
    `valid_from` holds no longer.
    """

    version = models.BigIntegerField(default=1, db_default=1, editable=False)
    valid_from = models.DateTimeField(null=True, editable=False)
    # What names are compared by. Of accounts whose names were one already, the oldest has it.
    username_key = models.TextField(null=True, unique=True, editable=False)

    objects: ClassVar[Accounts] = Accounts()

    _ends_tokens = False

    def clean(self) -> None:
        """Check a new name, beside what fields check. An old one may stay, whatever the rules."""
        super().clean()
        if not self.username or User.objects.filter(pk=self.pk, username=self.username).exists():
            return
        try:
            check_scripts(self.username)
        except ValidationError as error:
            raise ValidationError({"username": error}) from None
        others = User.objects.exclude(pk=self.pk)
        if others.filter(username_key=name_key(self.username)).exists():
            taken = ValidationError("A user with that username already exists.", code="unique")
            raise ValidationError({"username": taken})

    def set_password(self, raw_password: str | None) -> None:
        """Take a password, in the form in which passwords are compared."""
        super().set_password(raw_password and normal_password(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether this is the password, in whatever Unicode form it was typed.

        Older releases kept passwords as they came. One that is right so is hashed anew.
        """
        if raw_password is None:
            return False
        normal = normal_password(raw_password)

        def hash_again(password: str) -> None:
            encoded = make_password(normal)
            # Not by `save()`: the password is the same, and ends no tokens.
            User.objects.filter(pk=self.pk, password=self.password).update(password=encoded)
            self.password = encoded

        if check_password(normal, self.password, hash_again):
            return True
        for other in _other_forms(raw_password):
            if check_password(other, self.password):
                hash_again(other)
                return True
        return False

    def end_tokens(self) -> None:
        """Make every token that was issued until now end with the next `save()`."""
        self._ends_tokens = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the account, and publish what it changes of who may act. It may be an old copy."""
        named = kwargs.get("update_fields")
        written = _STANDING if named is None else _STANDING.intersection(named)
        if self._state.adding:
            self.username_key = name_key(self.username)
        if self._state.adding or not written:
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            stored = User.objects.select_for_update(no_key=True).filter(pk=self.pk).first()
            if stored is not None:
                self._follow(stored, written)
            if named is not None:
                kwargs["update_fields"] = {*named, *_KEPT}
            super().save(*args, **kwargs)
            if stored is not None and self.version > stored.version:
                stored.refresh_from_db()  # not all of this copy may have been written
                stored._publish()
        self._ends_tokens = False

    def _follow(self, stored: "User", written: frozenset[str]) -> None:
        """Set what is kept with the account to what comes after what is stored."""
        changed = {name for name in written if getattr(self, name) != getattr(stored, name)}
        ended = self._ends_tokens or "password" in changed
        self.valid_from = _after(stored.valid_from) if ended else stored.valid_from
        self.version = stored.version + bool(ended or changed & {"is_active", "is_staff"})
        renamed = "username" in changed
        self.username_key = name_key(self.username) if renamed else stored.username_key

    def publish_anew(self, version: int) -> None:
        """Publish the state of who may act, after all versions up to this one.

        Call it in the transaction that has locked the row.
        """
        self.version = max(self.version, version) + 1
        User.objects.filter(pk=self.pk).update(version=self.version)
        self._publish()

    def _publish(self) -> None:
        publish(
            UserUpdated.of(
                id=self.pk,
                version=self.version,
                active=self.is_active,
                staff=self.is_staff,
                valid_from=self.valid_from,
            )
        )


def _after(valid_from: datetime | None) -> datetime:
    """Return when tokens hold from, if those issued until now end. It never goes back."""
    soon = timezone.now() + CLOCKS_DIFFER
    return soon if valid_from is None else max(soon, valid_from + timedelta(microseconds=1))


def normal_password(password: str) -> str:
    """Return the form in which passwords are hashed: keyboards write one letter differently."""
    return normalize("NFKC", password)


def _other_forms(password: str) -> list[str]:
    """Return the forms in which an older release may have hashed a password, but the normal one."""
    forms = [password, *(normalize(form, password) for form in ("NFC", "NFD", "NFKD"))]
    return [form for form in dict.fromkeys(forms) if form != normal_password(password)]
