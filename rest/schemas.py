"""What both services' responses have in common, as their OpenAPI documents show it."""

from ninja import Schema


class PageInfo(Schema):
    """Whether there is more on either side, and where the page starts and ends."""

    has_next: bool
    has_previous: bool
    start_cursor: str | None
    end_cursor: str | None


class Known(Schema):
    """The greatest sequence of the other side's events that were handled here."""

    sequence: int


class FieldErrorOut(Schema):
    """What is wrong with one field."""

    field: str
    code: str
    message: str


class ProblemOut(Schema):
    """An error (RFC 9457). `code` is stable and for programs."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldErrorOut]


class TooManyRequestsOut(ProblemOut):
    """The error `rate_limited`, with the seconds that `Retry-After` tells."""

    retry_after: int


class Total(Schema):
    """How many rows the list of one id has: null if there are more than 10,000."""

    id: int
    total: int | None


class Totals(Schema):
    """How many rows each list has."""

    items: list[Total]
