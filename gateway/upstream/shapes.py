"""The shapes of the services' answers: what isn't of its shape is a fault of the service.

Members that aren't named here are left unread: a service may add some.
"""

from datetime import datetime
from functools import cache
from typing import Annotated, Any, TypeAlias, TypeVar, cast

import msgspec

from gateway.errors import FieldProblem

T = TypeVar("T")
Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
Id: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]  # as PostgreSQL's bigint
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]  # as GraphQL's Int
Effect: TypeAlias = Annotated[int, msgspec.Meta(ge=-1, le=1)]  # of one event on a count


class AnsweredUser(msgspec.Struct):
    """A user."""

    id: Id
    username: str
    joined_at: Moment


class AnsweredUsers(msgspec.Struct):
    """Users that were asked for by their ids."""

    items: list[AnsweredUser]


class AnsweredToken(msgspec.Struct):
    """A token alone, or one beside the user it is of."""

    token: str
    expires_at: Moment


class AnsweredLogin(AnsweredToken):
    """A token for an account that there was."""

    user: AnsweredUser


class AnsweredRegistration(AnsweredUser):
    """An account that was made, and a token for it."""

    token: str
    expires_at: Moment


class AnsweredQuote(msgspec.Struct):
    """A quote."""

    id: Id
    title: str
    likes: Count
    created_at: Moment
    updated_at: Moment
    author: str | None = None
    created_by: Id | None = None


class CountedQuote(AnsweredQuote, kw_only=True):
    """A quote, and which of the events that were asked about its count has in it."""

    applied_events: list[str]


class ListedQuote(AnsweredQuote, kw_only=True):
    """A quote and its place in the list."""

    cursor: str


class AnsweredPageInfo(msgspec.Struct):
    """Where a page stands in its list."""

    has_next: bool
    has_previous: bool
    start_cursor: str | None = None
    end_cursor: str | None = None


class AnsweredQuotes(msgspec.Struct):
    """A page of quotes."""

    items: list[ListedQuote]
    page_info: AnsweredPageInfo


class AnsweredLike(msgspec.Struct):
    """Who likes what, and the like's place in the list."""

    quote_id: Id
    user_id: Id
    cursor: str


class AnsweredLikes(msgspec.Struct):
    """Likes; of a page per quote also which quotes have more of them, and which have some before
    its cursor.
    """

    items: list[AnsweredLike]
    more: list[Id] = []
    skipped: list[Id] = []


class LikeEvent(msgspec.Struct):
    """An event that Quotes may not have counted yet, and its effect on the count."""

    id: str
    likes: Effect


class ChangedLike(msgspec.Struct):
    """A like that was given or taken back."""

    events: list[LikeEvent]


class Problem(msgspec.Struct):
    """Why a service refuses (RFC 9457)."""

    code: str
    detail: str
    errors: list[FieldProblem] = []
    retry_after: Annotated[int, msgspec.Meta(ge=1)] | None = None  # seconds


def decode(content: bytes, shape: type[T]) -> T:
    """Answer what JSON says, of that shape. Raises `msgspec.DecodeError` if it isn't of it."""
    decoder: msgspec.json.Decoder[T] = _decoder(cast("Any", shape))
    return decoder.decode(content)


@cache
def _decoder(shape: Any) -> Any:
    return msgspec.json.Decoder(shape)
