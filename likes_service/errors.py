"""What can go wrong in Likes, each with the code that its REST response has.

Problem (rest.errors)
├── NotFound
│   ├── QuoteNotFound       no such quote, or it was deleted
│   └── NotLiked            the user doesn't like the quote: nothing to take back
├── Conflict
│   └── AlreadyLiked        the user likes the quote already
└── Unavailable
    └── QuotesUnavailable   Quotes had to be asked, and doesn't answer as it should
"""

from typing import Any

from rest.errors import Conflict, NotFound, Unavailable


class QuoteNotFound(NotFound):
    """There is no quote of that id, or it was deleted."""

    def __init__(self) -> None:
        super().__init__("There is no such quote.")


class NotLiked(NotFound):
    """The user doesn't like that quote. `events` are those of the like that was taken back."""

    default_code = "not_liked"

    def __init__(self, events: list[dict[str, Any]]) -> None:
        super().__init__("You don't like this quote.")
        self.members = {"events": events}


class AlreadyLiked(Conflict):
    """The user likes that quote already. `events` are those of the like."""

    default_code = "already_liked"

    def __init__(self, events: list[dict[str, Any]]) -> None:
        super().__init__("You like this quote already.")
        self.members = {"events": events}


class QuotesUnavailable(Unavailable):
    """Quotes doesn't answer, or not as its contract says. Worth a retry."""
