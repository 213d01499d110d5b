"""What the REST operations take and respond with, as the OpenAPI document shows it."""

from typing import Annotated

from ninja import Field, Schema

from rest.ids import MAX_IDS, Id
from rest.paging import Limit
from rest.schemas import PageInfo


class RecentEventOut(Schema):
    """A like or unlike that Quotes may not have counted yet, and its effect on the count."""

    id: str
    likes: int
    sequence: int | None


class LikeGone(Schema):
    """A like that was taken back."""

    quote_id: int
    user_id: int
    events: list[RecentEventOut]


class LikeGiven(LikeGone):
    """A like that was given."""

    created_at: str


class LikeItem(Schema):
    """A like in a list, with its place there."""

    id: int
    quote_id: int
    user_id: int
    created_at: str
    cursor: str


class LikePage(Schema):
    """A page of likes, newest first."""

    items: list[LikeItem]
    page_info: PageInfo


class LikesOfEach(Schema):
    """The newest likes of each of several quotes or users; `more` are those that have others.

    `skipped` are those that have likes which `after` (`before`, backwards) leaves out.
    """

    items: list[LikeItem]
    more: list[int]
    skipped: list[int]


class QuoteOut(Schema):
    """A quote, as far as its state has come here."""

    id: int
    title: str
    author: str | None
    version: int
    created_by: int | None
    updated_at: str


class QuoteItem(QuoteOut):
    """A quote in a list, with its place there."""

    cursor: str


class QuotePage(Schema):
    """A page of quotes, newest first."""

    items: list[QuoteItem]
    page_info: PageInfo


class PageParams(Schema):
    """Which page of a list. `backwards` answers the last of those before `before`."""

    limit: Limit = 20
    after: str | None = None
    before: str | None = None
    backwards: bool = False


class LikeListParams(PageParams):
    """Which likes to list; `per_quote` and `per_user` take the place of `limit`."""

    user: Id | None = None
    per_quote: Limit | None = None
    per_user: Limit | None = None


class KnownNumbers(Schema):
    """The greatest ids of quotes and users that are known here, and the greatest version of one."""

    quote_id: int
    user_id: int
    version: int


class CountIn(Schema):
    """Of which quotes to publish the counts."""

    quotes: Annotated[list[Id], Field(max_length=MAX_IDS)]


class QuoteCount(Schema):
    """How many likes a quote has."""

    quote_id: int
    likes: int


class QuoteCounts(Schema):
    """Those of the quotes that are known here."""

    items: list[QuoteCount]


class PublishedCount(QuoteCount):
    """A count that was published; the events of likes with a smaller sequence are in it."""

    sequence: int


class PublishedCounts(Schema):
    """Those of the quotes that are known here."""

    items: list[PublishedCount]


class AccountState(Schema):
    """What is known here of an account; one of which nothing was published has the version 0."""

    id: int
    version: int
    active: bool
    staff: bool
    valid_from: str | None
    deleted: bool


class AccountStates(Schema):
    """Accounts that are in the replica or like anything, by id."""

    items: list[AccountState]
