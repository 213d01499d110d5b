"""The REST API of Quotes: its routers, and errors that are turned into responses."""

from django.http import HttpRequest, HttpResponse

from messaging.heard import heard_of
from quotes_service.api_accounts import router as accounts
from quotes_service.api_own_account import router as own_account
from quotes_service.api_quotes import router as quotes
from quotes_service.api_sessions import router as sessions
from quotes_service.reads import LIKES_SOURCE
from quotes_service.words import WORDS
from rest.api import RestAPI
from rest.known_events import EventIds, KnownEvents, TraceId, known_events
from rest.responses import json_response
from rest.schemas import Known

api = RestAPI(
    title="Quotes",
    description=(
        "Quotes and accounts. Errors are `application/problem+json` with a stable `code`."
        " What is told by events: [docs/events](/docs/events)."
    ),
    words=WORDS,
)
api.add_router("/quotes", quotes)
api.add_router("/account", own_account)
api.add_router("", sessions)
api.add_router("", accounts)


@api.get("/known", response={200: Known}, tags=["restoring"])
def read_known(request: HttpRequest) -> HttpResponse:
    """What was heard of Likes, which asks whether its database is older than that."""
    return json_response({"sequence": heard_of(LIKES_SOURCE)})


@api.get("/known/events", response={200: KnownEvents}, tags=["flow"])
def read_known_events(
    request: HttpRequest, event: EventIds | None = None, trace: TraceId | None = None
) -> HttpResponse:
    """What became of events here, by their ids or the request that they are of."""
    return known_events(event or (), trace or "")
