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
TriedPassword = Annotated[str, StringConstraints(max_length=1024)]
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
    """A quote; `applied_events` and `stored_likes` are there if `after_events` was asked.

    `stored_likes` is the count with just these events in it: below 0 where the unlike of a retried
    like was counted first. What is still to come is added to it, and not to `likes`.
    """

    applied_events: list[str] | None = None
    stored_likes: int | None = None


class QuoteItem(QuoteRead):
    """A quote in a list, with its place there."""

    cursor: str


class QuotePage(Schema):
    """A page of quotes."""

    items: list[QuoteItem]
    page_info: PageInfo


class QuoteFilterParams(Schema):
    """Which quotes are asked for: those of which all holds that is given.

    `search` finds those that hold each of its words in text or author, whole or as part of a
    word; case and accents count for nothing. One request looks only so far: a page may have fewer
    than `limit` though there are more, and the next one goes on at its cursor.
    """

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
    password: TriedPassword
    device_token: Annotated[str, StringConstraints(max_length=512)] | None = None


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


class RefreshIn(Schema):
    """What a session goes on by."""

    refresh_token: Annotated[str, StringConstraints(max_length=512)]


class NextTokenOut(Schema):
    """A new token. Those from before hold no longer."""

    token: str
    expires_at: str


class SessionTokensOut(NextTokenOut):
    """A token, and by what its session goes on until `refresh_expires_at`."""

    refresh_token: str
    refresh_expires_at: str


class RegisteredOut(OwnUserOut, SessionTokensOut):
    """A new account and tokens for it."""

    device_token: str


class RefreshedOut(SessionTokensOut):
    """A session's next tokens, and whose they are."""

    user: OwnUserOut


class TokenOut(RefreshedOut):
    """A new session's tokens, and one by which this device will be known."""

    device_token: str


class SessionOut(Schema):
    """A login that goes on. `last_used_at` is when it was last refreshed."""

    id: int
    created_at: str
    last_used_at: str
    current: bool


class SessionList(Schema):
    """The caller's sessions."""

    items: list[SessionOut]


class EndedOut(Schema):
    """How many sessions were ended."""

    ended: int


class EndedSessionOut(EndedOut):
    """A session was ended. There is a new token for the caller's own, if that goes on."""

    token: str | None = None
    expires_at: str | None = None


class PasswordChange(Schema):
    """A new password."""

    old_password: TriedPassword
    new_password: Password


class EmailChange(Schema):
    """A new e-mail address; empty or null for none."""

    email: Email | None


class AccountDeletion(Schema):
    """The password of the account that is to go."""

    password: TriedPassword


class UserPage(Schema):
    """A page of accounts."""

    items: list[UserRead]
    page_info: PageInfo
