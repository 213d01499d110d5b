"""Compares who may act with what Likes knows of it, and publishes anew what differs."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from messaging.outbox import publish
from quotes_service import clients
from quotes_service.account_events import UserDeleted
from quotes_service.models import User
from rest.timestamps import timestamp

# Events of a moment ago are still on their way: a difference is looked at again.
LOOKS = 4
PAUSE = 0.5  # seconds between looks


@dataclass(frozen=True)
class Difference:
    """An account of which Likes knows something else. The version is the one that it has."""

    user_id: int
    version: int
    here: str
    there: str


def differences(staff: User) -> Iterator[Difference]:
    """Compare all accounts. Raises LikesUnavailable."""
    after: int | None = 0
    while after is not None:
        found, upto = _compare(after, staff)
        for _ in range(LOOKS - 1):
            if not found:
                break
            time.sleep(PAUSE)
            again, _ = _compare(after, staff)
            found = [difference for difference in again if difference in found]
        yield from found
        after = upto


def repair(difference: Difference) -> None:
    """Publish the state of an account anew, with a version that wins. A tombstone stays one."""
    with transaction.atomic():
        rows = User.objects.select_for_update(no_key=True)
        user = rows.filter(id=difference.user_id).first()
        if user is None:
            publish(UserDeleted(id=difference.user_id, version=difference.version + 1))
        else:
            user.publish_anew(difference.version)


def _compare(after: int, staff: User) -> tuple[list[Difference], int | None]:
    """Compare a page; return also after which id the next one begins, if there is one."""
    there = {state["id"]: state for state in clients.fetch_account_states(after, staff)}
    upto = max(there) if len(there) == clients.PAGE_SIZE else None
    rows = User.objects.filter(id__gt=after)
    if upto is not None:
        rows = rows.filter(id__lte=upto)
    told_of = Q(id__in=list(there)) | Q(version__gt=1) | Q(is_active=False)
    here = {user.id: user for user in rows.filter(told_of)}
    compared = (_difference(key, here.get(key), there.get(key)) for key in sorted({*here, *there}))
    return [difference for difference in compared if difference], upto


def _difference(user_id: int, user: User | None, state: dict[str, Any] | None) -> Difference | None:
    version = state["version"] if state else 0
    unpublished = user is not None and user.version == 1 and user.is_active and version == 0
    here = "nothing published" if unpublished else _here(user)
    there = _there(state) if version else "nothing published"
    return None if here == there else Difference(user_id, version, here, there)


def _here(user: User | None) -> str:
    if user is None:
        return "deleted"
    valid_from = timestamp(user.valid_from) if user.valid_from else None
    return _text(user.version, user.is_active, user.is_staff, valid_from)


def _there(state: dict[str, Any] | None) -> str:
    if state is None or state["deleted"]:
        return "deleted"
    return _text(state["version"], state["active"], state["staff"], state["valid_from"])


def _text(version: int, active: bool, staff: bool, valid_from: str | None) -> str:
    words = ["active" if active else "not active", *(["staff"] if staff else [])]
    return f"version {version}, {', '.join(words)}, tokens from {valid_from or 'any time'}"
