"""What Quotes publishes of accounts: who may act, and from when their tokens hold.

Nothing else of an account leaves Quotes: no name, no address, no password.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from messaging.events import Payload
from rest.timestamps import timestamp


@dataclass(frozen=True)
class _AccountEvent(Payload):
    id: int
    version: int

    @property
    def subject(self) -> str:
        """The account."""
        return f"users/{self.id}"


@dataclass(frozen=True)
class UserUpdated(_AccountEvent):
    """An account may act or not any more, or what was issued to it until now holds no longer."""

    type: ClassVar[str] = "quotes.user.updated"

    active: bool
    staff: bool
    valid_from: str | None

    @classmethod
    def of(
        cls, *, id: int, version: int, active: bool, staff: bool, valid_from: datetime | None
    ) -> "UserUpdated":
        """Return the event of an account just changed."""
        return cls(
            id, version, active, staff, None if valid_from is None else timestamp(valid_from)
        )


@dataclass(frozen=True)
class UserDeleted(_AccountEvent):
    """An account was deleted. The version is one more than its last."""

    type: ClassVar[str] = "quotes.user.deleted"
