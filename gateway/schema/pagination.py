"""The arguments of Relay cursor connections, and their page information.

The rules are those of https://relay.dev/graphql/connections.htm, but that the page size is bounded
and that `first` and `last` together, which the specification discourages, are refused. Cursors are
the services' own, passed through unread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Protocol, TypeVar

import strawberry

from gateway.errors import BadUserInput, InvalidCursor
from gateway.schema.federation import SHAREABLE
from gateway.upstream.shapes import PageInfoShape

DEFAULT_PAGE = 20
MAX_PAGE = 100
MAX_CURSOR_LENGTH = 512  # the services' own have at most some 80 characters

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"How many at most, from the start or after `after`: 1 to {MAX_PAGE}. "
        f"{DEFAULT_PAGE} if neither `first` nor `last` is given. Not together with `last`."
    ),
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description=f"How many at most, from the end or before `before`: 1 to {MAX_PAGE}. "
        f"{DEFAULT_PAGE} if only `before` is given. Not together with `first`."
    ),
]
After = Annotated[
    str | None, strawberry.argument(description="Only what comes after the row of this cursor.")
]
Before = Annotated[
    str | None, strawberry.argument(description="Only what comes before the row of this cursor.")
]


@dataclass(frozen=True)
class PageArguments:
    """Checked arguments of a connection."""

    limit: int
    backwards: bool
    after: str | None
    before: str | None

    def as_params(self, size: str = "limit") -> dict[str, object]:
        """Return them as the services' query parameters; that of the size may have another name."""
        return {
            size: self.limit,
            "after": self.after,
            "before": self.before,
            "backwards": "true" if self.backwards else None,
        }


def page_arguments(
    first: int | None = strawberry.UNSET,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
) -> PageArguments:
    """Check a connection's arguments; raise `BadUserInput` for those that make no page.

    Null is the same as nothing given, so that clients can send all their variables always.
    """
    first, last = _absent(first), _absent(last)
    after, before = _absent(after), _absent(before)
    if first is not None and last is not None:
        raise BadUserInput("Give either 'first' or 'last', not both.", argument="last")
    for name, size in (("first", first), ("last", last)):
        if size is not None and not 1 <= size <= MAX_PAGE:
            raise BadUserInput(f"'{name}' must be from 1 to {MAX_PAGE}, not {size}.", argument=name)
    for name, cursor in (("after", after), ("before", before)):
        if cursor is not None and not _may_be_cursor(cursor):
            raise InvalidCursor(f"'{name}' is not a cursor of this list.", argument=name)
    backwards = last is not None or (first is None and before is not None and after is None)
    return PageArguments(first or last or DEFAULT_PAGE, backwards, after, before)


class Placed(Protocol):
    """A row that has a place in a list."""

    cursor: str


T = TypeVar("T", bound=Placed)


@dataclass
class PageOfOne(Generic[T]):
    """The page of one list, of several that were read at once."""

    rows: list[T] = field(default_factory=list)
    has_next: bool = False
    has_previous: bool = False

    def info(self) -> "PageInfo":
        """Return where the page stands in its list."""
        return PageInfo(
            has_next_page=self.has_next,
            has_previous_page=self.has_previous,
            start_cursor=self.rows[0].cursor if self.rows else None,
            end_cursor=self.rows[-1].cursor if self.rows else None,
        )


def pages_by_list(
    lists: Iterable[int],
    rows: Iterable[tuple[int | None, T]],
    more: Sequence[int],
    skipped: Sequence[int],
    *,
    backwards: bool,
) -> dict[int, PageOfOne[T]]:
    """Return the page of each list: of rows with their lists, and which lists have more of them, or
    some that the cursor has left out.
    """
    pages: dict[int, PageOfOne[T]] = {number: PageOfOne() for number in lists}
    for number, row in rows:
        if number in pages:
            pages[number].rows.append(row)
    after, before = (skipped, more) if backwards else (more, skipped)
    for number in pages.keys() & set(after):
        pages[number].has_next = True
    for number in pages.keys() & set(before):
        pages[number].has_previous = True
    return pages


@strawberry.type(description="Where a page stands in its list.", directives=SHAREABLE)
class PageInfo:
    """What Relay's clients read of a page."""

    has_next_page: bool = strawberry.field(description="Whether there are more after this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether there are more before this page."
    )
    start_cursor: str | None = strawberry.field(
        description="For `before`: of the first row here, or of the last that was looked at; null "
        "if there is none."
    )
    end_cursor: str | None = strawberry.field(
        description="For `after`: of the last row here, or of the last that was looked at; null if "
        "there is none."
    )


def _absent(value: Any) -> Any:
    """Return `None` for what wasn't given, and a zero or an empty text as it is."""
    return None if value is strawberry.UNSET else value


def _may_be_cursor(cursor: str) -> bool:
    return 0 < len(cursor) <= MAX_CURSOR_LENGTH and cursor.isascii() and cursor.isprintable()


def page_info(info: PageInfoShape) -> PageInfo:
    """Return a service's page information as Relay has it."""
    return PageInfo(
        has_next_page=info.has_next,
        has_previous_page=info.has_previous,
        start_cursor=info.start_cursor,
        end_cursor=info.end_cursor,
    )


TOTAL_DESCRIPTION = "How many there are in all, whatever the page: exact up to 10,000, null beyond."
