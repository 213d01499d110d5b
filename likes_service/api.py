"""The REST API of Likes: parse, call the domain or read, respond."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query

from likes_service import counting, domain, reads, recent_events
from likes_service.accounts import account_states
from likes_service.errors import QuoteNotFound
from likes_service.schemas import (
    AccountStates,
    CountIn,
    KnownNumbers,
    LikeGiven,
    LikeGone,
    LikeListParams,
    LikePage,
    LikesOfEach,
    PageParams,
    PublishedCounts,
    QuoteCounts,
    QuoteOut,
    QuotePage,
)
from likes_service.words import WORDS
from messaging.heard import heard_of
from rest.api import RestAPI
from rest.callers import Authenticated, BearerAuth
from rest.errors import FieldError, PermissionDenied, Unprocessable
from rest.idempotency import IdempotencyKey
from rest.ids import MAX_ID, MAX_IDS, Id, IdList
from rest.known_events import EventIds, KnownEvents, TraceId, known_events
from rest.numbers import Whole
from rest.paging import MAX_LIMIT, Limit
from rest.responses import json_response
from rest.schemas import Known, ProblemOut, Totals
from rest.timestamps import timestamp

api = RestAPI(
    title="Likes",
    description=(
        "Who likes what. Errors are `application/problem+json` with a stable `code`."
        " What is told by events: [docs/events](/docs/events)."
    ),
    words=WORDS,
)
bearer = BearerAuth()
OptionalId = Annotated[Whole, Field(ge=0, le=MAX_ID)]  # 0 is that of nothing
QUOTES_SOURCE = "/quotes"  # of the events of Quotes


@api.post(
    "/quotes/{id:quote_id}/like",
    auth=bearer,
    response={201: LikeGiven, 409: ProblemOut},
    tags=["likes"],
)
def like_quote(
    request: Authenticated, quote_id: Id, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Like a quote. Repeated with the same Idempotency-Key, it likes once, and answers the same.

    A count shown after it is Quotes' own plus the effects of those of `events` that Quotes does
    not name in `applied_events`. A refusal has `events` too, of the like that is there.
    """
    change = domain.like_quote(user_id=request.auth.user_id, quote_id=quote_id, key=idempotency_key)
    return json_response(_change(change) | {"created_at": timestamp(change.created_at)}, status=201)


@api.delete(
    "/quotes/{id:quote_id}/like",
    auth=bearer,
    response={200: LikeGone},
    tags=["likes"],
)
def unlike_quote(
    request: Authenticated, quote_id: Id, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Take one's like of a quote back; of one that is gone, the refusal has the `events`.

    Repeated with the same Idempotency-Key, it takes back what it did, and answers the same.
    """
    change = domain.unlike_quote(
        user_id=request.auth.user_id, quote_id=quote_id, key=idempotency_key
    )
    return json_response(_change(change))


@api.get("/likes", response={200: LikePage | LikesOfEach}, tags=["likes"])
def list_likes(
    request: HttpRequest,
    params: Query[LikeListParams],
    quote: Annotated[IdList | None, Query()] = None,
    users: Annotated[IdList | None, Query()] = None,
) -> HttpResponse:
    """Likes, newest first, of some quotes (`quote=1,2,3`) or of a user or of both.

    With a user and quotes, the page holds all unless `limit` is given. `per_quote` and `per_user`
    give a page of each quote, or of each user, instead.
    """
    page = params.dict(include={"after", "before", "backwards"})
    if params.per_quote is not None:
        of_quotes = reads.of_quotes(_given("quote", quote, "per_quote"), params.user)
        return json_response(reads.likes_of_each(of_quotes, limit=params.per_quote, **page))
    if params.per_user is not None:
        of_users = reads.of_users(_given("users", users, "per_user"))
        return json_response(reads.likes_of_each(of_users, limit=params.per_user, **page))
    limit = params.limit
    if quote is not None and params.user is not None and "limit" not in params.model_fields_set:
        limit = min(MAX_IDS, MAX_LIMIT)
    return json_response(
        reads.likes_page(quote_ids=quote, user_id=params.user, limit=limit, **page)
    )


@api.get("/likes/totals", response={200: Totals}, tags=["likes"])
def read_totals(
    request: HttpRequest,
    quote: Annotated[IdList | None, Query()] = None,
    users: Annotated[IdList | None, Query()] = None,
) -> HttpResponse:
    """How many likes each of some quotes or users has: exact up to 10,000, null beyond."""
    groups = (
        reads.of_users(users)
        if users is not None
        else reads.of_quotes(_given("quote", quote, "users not"))
    )
    return json_response({"items": groups.totals()})


def _given(name: str, ids: list[int] | None, because_of: str) -> list[int]:
    """Return a list of ids. Raises `Unprocessable` if there is none."""
    if ids is not None:
        return ids
    message = f"must be given, since {because_of} is"
    raise Unprocessable(f"{name}: {message}", errors=[FieldError(name, "required", message)])


@api.get("/likes/counts", response={200: QuoteCounts}, tags=["likes"])
def read_counts(request: HttpRequest, quote: Annotated[IdList, Query()]) -> HttpResponse:
    """How many likes each of some quotes has (`quote=1,2,3`)."""
    return json_response({"items": counting.counts(quote)})


@api.post(
    "/likes/counts",
    auth=bearer,
    response={202: PublishedCounts, 403: ProblemOut},
    tags=["likes"],
)
def publish_counts(request: Authenticated, body: CountIn) -> HttpResponse:
    """Publish the counts of some quotes as events, for Quotes to set its own. For staff."""
    if not request.auth.staff:
        raise PermissionDenied("Only staff may have counts published.")
    return json_response({"items": counting.publish_counts(set(body.quotes))}, status=202)


@api.get(
    "/accounts",
    auth=bearer,
    response={200: AccountStates, 403: ProblemOut},
    tags=["replica"],
)
def list_accounts(
    request: Authenticated, after: OptionalId = 0, limit: Limit = MAX_LIMIT
) -> HttpResponse:
    """Accounts that are known here, by id, for Quotes to compare with its own. For staff."""
    if not request.auth.staff:
        raise PermissionDenied("Only staff may see who may act.")
    return json_response({"items": account_states(after=after, limit=limit)})


@api.get("/quotes", response={200: QuotePage}, tags=["replica"])
def list_quotes(request: HttpRequest, params: Query[PageParams]) -> HttpResponse:
    """The quotes that are known here, newest first."""
    return json_response(reads.quotes_page(**params.dict()))


@api.get("/quotes/{id:quote_id}", response={200: QuoteOut}, tags=["replica"])
def read_quote(request: HttpRequest, quote_id: Id) -> HttpResponse:
    """A quote that is known here."""
    quote = reads.quote(quote_id)
    if quote is None:
        raise QuoteNotFound
    return json_response(quote)


@api.get("/known", response={200: Known}, tags=["restoring"])
def read_known(request: HttpRequest) -> HttpResponse:
    """What was heard of Quotes, which asks whether its database is older than that."""
    return json_response({"sequence": heard_of(QUOTES_SOURCE)})


@api.get("/known/numbers", response={200: KnownNumbers}, tags=["restoring"])
def read_known_numbers(request: HttpRequest) -> HttpResponse:
    """Which ids and versions Quotes must not give again after it was restored."""
    return json_response(reads.known_numbers())


@api.get("/known/events", response={200: KnownEvents}, tags=["flow"])
def read_known_events(
    request: HttpRequest, event: EventIds | None = None, trace: TraceId | None = None
) -> HttpResponse:
    """What became of events here, by their ids or the request that they are of."""
    return known_events(event or (), trace or "")


def _change(change: domain.LikeChange) -> dict[str, Any]:
    return {
        "quote_id": change.quote_id,
        "user_id": change.user_id,
        "events": recent_events.as_json(change.events),
    }
