"""What the REST operations take and respond with, as the OpenAPI document shows it."""

from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from quotes_service.models import AUTHOR_MAX, TITLE_MAX
from rest.ids import Id
from rest.moments import Moment
from rest.paging import Limit
from rest.schemas import PageInfo, ProblemOut

SEARCH_MAX = 200
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_MAX)]
Author = Annotated[str, StringConstraints(strip_whitespace=True, max_length=AUTHOR_MAX)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Username = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
QuoteOrder = Literal["newest", "oldest", "most_liked"]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)]


class QuoteIn(Schema):
    """A quote to be written: its text, and who said it."""

    title: Title
    author: Author | None = None


class QuotePatch(Schema):
    """What to change of a quote; what is left out stays. An `author` of null is removed."""

    title: Title = Field(default_factory=str)
    author: Author | None = None


class QuoteOut(Schema):
    """A quote."""

    id: int
    title: str
    author: str | None
    likes: int
    version: int
    created_by: int | None
    created_at: str
    updated_at: str


class ConflictOut(ProblemOut):
    """The error `conflict`, with the quote as it is now."""

    current: QuoteOut


class QuoteRead(QuoteOut):
    """A quote; `applied_events` is there if `after_events` was asked."""

    applied_events: list[str] | None = None


class QuoteItem(QuoteOut):
    """A quote in a list, with its place there."""

    cursor: str


class QuotePage(Schema):
    """A page of quotes."""

    items: list[QuoteItem]
    page_info: PageInfo


class QuoteFilterParams(Schema):
    """Which quotes are asked for: those of which all holds that is given."""

    search: Annotated[str, StringConstraints(strip_whitespace=True, max_length=SEARCH_MAX)] = ""
    author: Annotated[Author, Field(min_length=1)] | None = None
    created_by: Id | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None


class QuotePlaceParams(Schema):
    """Which page of a list. `backwards` answers the last of those before `before`."""

    limit: Limit = 20
    after: str | None = None
    before: str | None = None
    backwards: bool = False
    order: QuoteOrder = "newest"


class QuotesOfEach(Schema):
    """A page of the quotes of each of several users; `more` are the users who have others.

    `skipped` are those who have quotes which `after` (`before`, backwards) leaves out.
    """

    items: list[QuoteItem]
    more: list[int]
    skipped: list[int]


class QuoteTotal(Schema):
    """How many quotes a list has: null if there are more than 10,000 to look at."""

    total: int | None


class RegisterIn(Schema):
    """A new account."""

    username: Username
    password: Password
    email: Email | None = None


class LoginIn(Schema):
    """Who wants a token."""

    username: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1024)]
    password: Annotated[str, StringConstraints(max_length=1024)]


class UserOut(Schema):
    """An account, as anyone may see it."""

    id: int
    username: str
    joined_at: str


class UserRead(UserOut):
    """An account. `email` is there for its owner and staff only."""

    email: str | None = None


class OwnUserOut(UserOut):
    """An account, as its owner sees it."""

    email: str


class RegisteredOut(OwnUserOut):
    """A new account and a token for it."""

    token: str
    expires_at: str


class TokenOut(Schema):
    """A token, when it ends, and whose it is."""

    token: str
    expires_at: str
    user: OwnUserOut


class UserPage(Schema):
    """A page of accounts."""

    items: list[UserRead]
    page_info: PageInfo
