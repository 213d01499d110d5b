"""REST of quotes: parse, call the domain or read, respond."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, TypeAlias

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Router

from quotes_service import domain, lists, reads
from quotes_service.lists import QuoteFilter
from quotes_service.models import Quote
from quotes_service.reads import AskedEvent
from quotes_service.schemas import (
    ConflictOut,
    QuoteFilterParams,
    QuoteIn,
    QuoteOut,
    QuotePage,
    QuotePatch,
    QuotePlaceParams,
    QuoteRead,
    QuotesOfEach,
    QuoteTotal,
)
from rest.callers import Authenticated, BearerAuth
from rest.errors import FieldError, NotFound, PreconditionFailed, Unprocessable
from rest.idempotency import IdempotencyKey
from rest.ids import MAX_ID, Id, IdList
from rest.paging import Limit
from rest.preconditions import etag, expected_versions
from rest.responses import json_response
from rest.schemas import ProblemOut, Totals

# Likes names a user's events on one quote that are not counted yet: a few, never near this.
MAX_EVENTS = 50

IfMatch: TypeAlias = Annotated[str | None, Header(alias="If-Match")]
NOT_CHANGED: dict[int, Any] = {403: ProblemOut, 412: ConflictOut}

router = Router(tags=["quotes"])
bearer = BearerAuth()


@router.get("", response={200: QuotePage | QuotesOfEach})
def list_quotes(
    request: HttpRequest,
    place: Query[QuotePlaceParams],
    chosen: Query[QuoteFilterParams],
    id: Annotated[IdList | None, Query()] = None,
    creators: Annotated[IdList | None, Query()] = None,
    per_creator: Annotated[Limit | None, Query()] = None,
    after_events: str | None = None,
) -> HttpResponse:
    """A page of quotes, those of a list of ids, or a page of the quotes of each of some users.

    With `after_events` each of a list of ids says which of these events are in its count.
    """
    if id is not None:
        return json_response(reads.quotes_by_id(id, _asked_events(after_events)))
    if per_creator is not None:
        each = place.dict() | {"limit": per_creator}
        return json_response(reads.quotes_of_each(_given(creators), **each))
    return json_response(reads.quotes_page(QuoteFilter(**chosen.dict()), **place.dict()))


@router.get("/total", response={200: QuoteTotal})
def read_total(request: HttpRequest, chosen: Query[QuoteFilterParams]) -> HttpResponse:
    """How many quotes a list has: exact up to 10,000, null beyond.

    With several filters it is null, too, if the first of `created_by`, `author` and the times has
    more than 10,000 to look at.
    """
    return json_response({"total": lists.quotes_total(QuoteFilter(**chosen.dict()))})


@router.get("/totals", response={200: Totals})
def read_totals(request: HttpRequest, creators: Annotated[IdList, Query()]) -> HttpResponse:
    """How many quotes each of some users has written: exact up to 10,000, null beyond."""
    return json_response({"items": lists.quotes_of_each(creators, "newest").totals()})


@router.post("", auth=bearer, response={201: QuoteOut, 404: ProblemOut})
def create_quote(
    request: Authenticated,
    payload: QuoteIn,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """Write a quote. Repeated with the same Idempotency-Key, it answers the same quote."""
    author = payload.author or ""
    user_id = request.auth.user_id
    if idempotency_key is None:
        quote = domain.create_quote(user_id=user_id, title=payload.title, author=author)
        return _quote_response(quote, status=201)
    quote, replayed = domain.create_quote_once(
        user_id=user_id, key=idempotency_key, title=payload.title, author=author
    )
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    return _quote_response(quote, status=201, headers=headers)


@router.get("/{id:quote_id}", response={200: QuoteRead})
def read_quote(request: HttpRequest, quote_id: Id, after_events: str | None = None) -> HttpResponse:
    """A quote; with `after_events`, also which of these events are in its count.

    Each is an id, or better an id with the event's sequence behind it, as in `id:1042`.
    """
    quote = reads.quote_with_applied(quote_id, _asked_events(after_events))
    if quote is None:
        raise NotFound("There is no such quote.")
    return json_response(quote, headers={"ETag": etag(quote["version"])})


@router.patch("/{id:quote_id}", auth=bearer, response={200: QuoteOut, **NOT_CHANGED})
def change_quote(
    request: Authenticated, quote_id: Id, payload: QuotePatch, if_match: IfMatch = None
) -> HttpResponse:
    """Change what is given of a quote; with If-Match, only if it has one of these entity tags."""
    given = payload.model_fields_set
    with _conflicts_told():
        quote = domain.update_quote(
            quote_id=quote_id,
            caller=request.auth,
            title=payload.title if "title" in given else None,
            author=(payload.author or "") if "author" in given else None,
            expected=expected_versions(if_match),
        )
    return _quote_response(quote)


@router.put("/{id:quote_id}", auth=bearer, response={200: QuoteOut, **NOT_CHANGED})
def replace_quote(
    request: Authenticated, quote_id: Id, payload: QuoteIn, if_match: IfMatch = None
) -> HttpResponse:
    """Replace a quote's text and author; with If-Match, only if it has one of these entity tags."""
    with _conflicts_told():
        quote = domain.update_quote(
            quote_id=quote_id,
            caller=request.auth,
            title=payload.title,
            author=payload.author or "",
            expected=expected_versions(if_match),
        )
    return _quote_response(quote)


@router.delete("/{id:quote_id}", auth=bearer, response={200: QuoteOut, **NOT_CHANGED})
def delete_quote(request: Authenticated, quote_id: Id, if_match: IfMatch = None) -> HttpResponse:
    """Delete a quote, and answer it as it was; with If-Match, only if it has one of these entity
    tags.
    """
    with _conflicts_told():
        quote = domain.delete_quote(
            quote_id=quote_id, caller=request.auth, expected=expected_versions(if_match)
        )
    return json_response(reads.quote_as_json(quote))


def _quote_response(
    quote: Quote, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    headers = {"ETag": etag(quote.version), **(headers or {})}
    return json_response(reads.quote_as_json(quote), status=status, headers=headers)


@contextmanager
def _conflicts_told() -> Iterator[None]:
    """Have a conflict say what the quote is now."""
    try:
        yield
    except domain.OtherVersion as error:
        current = reads.quote_as_json(error.quote)
        raise PreconditionFailed(str(error), current=current) from None


def _given(creators: list[int] | None) -> list[int]:
    if creators is None:
        message = "must be given, since per_creator is"
        errors = [FieldError("creators", "required", message)]
        raise Unprocessable(f"creators: {message}", errors=errors)
    return creators


def _asked_events(text: str | None) -> list[AskedEvent]:
    parts = [] if text is None else [part.strip() for part in text.split(",")]
    asked = [_asked_event(part) for part in dict.fromkeys(parts) if part]
    if len(asked) > MAX_EVENTS:
        message = f"must be at most {MAX_EVENTS} ids"
        raise Unprocessable(message, errors=[FieldError("after_events", "too_many", message)])
    return asked


def _asked_event(text: str) -> AskedEvent:
    """Read an id, which may have a sequence behind it; what is no sequence is of the id."""
    event_id, _, sequence = text.rpartition(":")
    is_number = sequence.isascii() and sequence.isdigit() and len(sequence) <= len(str(MAX_ID))
    if event_id and is_number and int(sequence) <= MAX_ID:
        return AskedEvent(event_id, int(sequence))
    return AskedEvent(text)
