"""The shapes of what the services send: what isn't of its shape is a fault of the service.

Members that aren't named here are left unread: a service may add some.
"""

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec

Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
Id: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]  # as PostgreSQL's bigint
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
Version: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]  # as GraphQL's Int
Effect: TypeAlias = Annotated[int, msgspec.Meta(ge=-1, le=1)]  # of one event on a count


class UserShape(msgspec.Struct):
    """A user."""

    id: Id
    username: str
    joined_at: Moment
    email: str | None = None  # for themselves and staff


class UsersShape(msgspec.Struct):
    """Users that were asked for by their ids."""

    items: list[UserShape]


class TokenShape(msgspec.Struct):
    """A token of a session that goes on."""

    token: str
    expires_at: Moment


class TokensShape(TokenShape, kw_only=True):
    """A token, and by what its session goes on and its device is known."""

    refresh_token: str | None = None
    refresh_expires_at: Moment | None = None
    device_token: str | None = None


class LoginShape(TokensShape, kw_only=True):
    """Tokens for an account that there was."""

    user: UserShape


class RegistrationShape(TokensShape, kw_only=True):
    """An account that was made, and tokens for it."""

    id: Id
    username: str
    joined_at: Moment
    email: str | None = None


class SessionShape(msgspec.Struct):
    """A session."""

    id: Id
    created_at: Moment
    last_used_at: Moment
    current: bool


class SessionsShape(msgspec.Struct):
    """The sessions of the caller."""

    items: list[SessionShape]


class EndedShape(msgspec.Struct):
    """How many sessions were ended, and a token of the caller's own if that goes on."""

    ended: Count
    token: str | None = None
    expires_at: Moment | None = None


class QuoteShape(msgspec.Struct):
    """A quote."""

    id: Id
    title: str
    likes: Count
    version: Version
    created_at: Moment
    updated_at: Moment
    author: str | None = None
    created_by: Id | None = None


class CountedQuoteShape(QuoteShape, kw_only=True):
    """A quote, and which of the events that were asked about its count has in it.

    An older Quotes doesn't tell the stored count, which may be below 0.
    """

    applied_events: list[str]
    stored_likes: int | None = None


class ListedQuoteShape(QuoteShape, kw_only=True):
    """A quote and its place in the list."""

    cursor: str


class CountedQuotesShape(msgspec.Struct):
    """Quotes that were asked for by their ids, with what their counts have in them."""

    items: list[CountedQuoteShape]


class PageInfoShape(msgspec.Struct):
    """Where a page stands in its list."""

    has_next: bool
    has_previous: bool
    start_cursor: str | None = None
    end_cursor: str | None = None


class QuotesShape(msgspec.Struct):
    """A page of quotes."""

    items: list[ListedQuoteShape]
    page_info: PageInfoShape


class QuotesOfEachShape(msgspec.Struct):
    """A page of the quotes of each of some users: who has more, and who some before its cursor."""

    items: list[ListedQuoteShape]
    more: list[Id] = []
    skipped: list[Id] = []


class TotalShape(msgspec.Struct):
    """How many rows a list has; null if they are more than a service counts."""

    total: Count | None


class NumberedTotalShape(TotalShape):
    """How many rows the list of one quote or user has."""

    id: Id


class TotalsShape(msgspec.Struct):
    """How many rows each of some lists has."""

    items: list[NumberedTotalShape]


class LikeShape(msgspec.Struct):
    """Who likes what, and the like's place in the list."""

    quote_id: Id
    user_id: Id
    cursor: str


class LikesShape(msgspec.Struct):
    """Likes; of a page of each quote or user also which have more of them, and which have some
    before its cursor.
    """

    items: list[LikeShape]
    more: list[Id] = []
    skipped: list[Id] = []


class LikeEventShape(msgspec.Struct):
    """An event that Quotes may not have counted yet, and its effect on the count."""

    id: str
    likes: Effect
    sequence: int | None = None  # its place among the events of Likes


class ChangedLikeShape(msgspec.Struct):
    """A like that was given or taken back."""

    events: list[LikeEventShape]


class FieldProblemShape(msgspec.Struct):
    """What a service found wrong with one field."""

    field: str | None
    code: str
    message: str


class Problem(msgspec.Struct):
    """Why a service refuses (RFC 9457)."""

    code: str
    detail: str
    errors: list[FieldProblemShape] = []
    current: QuoteShape | None = None  # what a conflict is about, as it is now
    retry_after: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None  # seconds
