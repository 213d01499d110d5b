"""What Likes publishes."""

from dataclasses import dataclass
from typing import ClassVar, Self

from likes_service.models import Like
from messaging.events import Payload
from rest.timestamps import timestamp


@dataclass(frozen=True, kw_only=True)
class _LikeEvent(Payload):
    """A like of a quote by a user; `created_at` is when the like was given (ISO 8601, UTC)."""

    quote_id: int
    user_id: int
    created_at: str

    @classmethod
    def of(cls, like: Like) -> Self:
        """Return the event of a like that was given or taken back."""
        return cls(
            quote_id=like.quote_id,
            user_id=like.user_id,
            created_at=timestamp(like.created_at),
        )

    @property
    def subject(self) -> str:
        """The quote: its likes and unlikes are published in the order of their commits."""
        return f"quotes/{self.quote_id}"


@dataclass(frozen=True, kw_only=True)
class LikeCreated(_LikeEvent):
    """A user liked a quote."""

    type: ClassVar[str] = "likes.like.created"


@dataclass(frozen=True, kw_only=True)
class LikeDeleted(_LikeEvent):
    """A user took a like back, or has none any more, since their account was deleted.

    The likes of a deleted quote go without this event.
    """

    type: ClassVar[str] = "likes.like.deleted"


@dataclass(frozen=True, kw_only=True)
class LikesCounted(Payload):
    """How many likes a quote has: exactly those of the events of a smaller sequence."""

    type: ClassVar[str] = "likes.like.counted"

    quote_id: int
    likes: int

    @property
    def subject(self) -> str:
        """The quote."""
        return f"quotes/{self.quote_id}"
