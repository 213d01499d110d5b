"""What Quotes publishes: the whole state of a quote at each change."""

from dataclasses import dataclass
from typing import ClassVar

from messaging.events import Payload
from quotes_service.models import Quote
from rest.timestamps import timestamp


@dataclass(frozen=True)
class _QuoteState(Payload):
    id: int
    title: str
    author: str
    version: int
    created_by: int | None
    created_at: str
    updated_at: str

    @property
    def subject(self) -> str:
        """The quote."""
        return f"quotes/{self.id}"


@dataclass(frozen=True)
class QuoteCreated(_QuoteState):
    """A quote was written."""

    type: ClassVar[str] = "quotes.quote.created"


@dataclass(frozen=True)
class QuoteUpdated(_QuoteState):
    """A quote was changed, or lost its creator."""

    type: ClassVar[str] = "quotes.quote.updated"


@dataclass(frozen=True)
class QuoteRestored(QuoteUpdated):
    """A quote is as a backup has it: its new version wins, be it over its deletion.

    Likes responds with the quote's count, since the backup may have another.
    """

    restored: bool = True


@dataclass(frozen=True)
class QuoteDeleted(Payload):
    """A quote was deleted. The version is one more than its last, so that it wins over all."""

    type: ClassVar[str] = "quotes.quote.deleted"

    id: int
    version: int

    @property
    def subject(self) -> str:
        """The quote that was."""
        return f"quotes/{self.id}"


@dataclass(frozen=True)
class QuoteCounted(Payload):
    """The likes of a quote changed. It says how many there are: the greatest sequence is right."""

    type: ClassVar[str] = "quotes.quote.counted"

    id: int
    likes: int
    sequence: int

    @property
    def subject(self) -> str:
        """The likes of the quote. They hold up no change of the quote itself, nor it them."""
        return f"quotes/{self.id}/likes"


def created(quote: Quote) -> QuoteCreated:
    """Return the event of a quote just written."""
    return QuoteCreated(*_state(quote))


def updated(quote: Quote) -> QuoteUpdated:
    """Return the event of a quote just changed."""
    return QuoteUpdated(*_state(quote))


def restored(quote: Quote) -> QuoteRestored:
    """Return the event of a quote as it was restored."""
    return QuoteRestored(*_state(quote))


def _state(quote: Quote) -> tuple[int, str, str, int, int | None, str, str]:
    return (
        quote.id,
        quote.title,
        quote.author,
        quote.version,
        quote.created_by_id,
        timestamp(quote.created_at),
        timestamp(quote.updated_at),
    )
