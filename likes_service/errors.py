"""What can go wrong in Likes.

LikesError
├── QuoteNotFound       no such quote, or it was deleted
├── AlreadyLiked        the user likes the quote already
├── NotLiked            the user doesn't like the quote: nothing to take back
└── QuotesUnavailable   Quotes had to be asked, and doesn't answer as it should
"""


class LikesError(Exception):
    """Base of this service's errors. Its message may be shown to the caller."""


class QuoteNotFound(LikesError):  # noqa: N818 - it says what is wrong
    """There is no quote of that id, or it was deleted."""


class AlreadyLiked(LikesError):  # noqa: N818 - it says what is wrong
    """The user likes that quote already."""


class NotLiked(LikesError):  # noqa: N818 - it says what is wrong
    """The user doesn't like that quote."""


class QuotesUnavailable(LikesError):  # noqa: N818 - it says what is wrong
    """Quotes doesn't answer, or not as its contract says. Worth a retry."""
