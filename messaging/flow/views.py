"""The page of the flow, for staff: drawn once, and then the part that changes is fetched again."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.cache import get_conditional_response

from messaging.flow.asking import ask_others
from messaging.flow.known import known_here
from messaging.flow.overview import overview
from messaging.flow.timelines import Timeline, Wanted, merged

MOST_TERM = 255  # characters: no subject or id is longer
# Neither script nor style but from our own files: what a message says is never obeyed.
POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'"


def respond(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Draw the page, or with `part` in the query what of it changes.

    `context` is the admin's. Who may see it has been found out before.
    """
    term = request.GET.get("q", "").strip().replace("\x00", "")[:MOST_TERM]
    live = render_to_string("messaging/flow_live.html", _seen(term) | context, request)
    response: HttpResponse
    if "part" in request.GET:
        etag = f'"{hashlib.sha256(live.encode("utf-8", "replace")).hexdigest()[:32]}"'
        whole = HttpResponse(live)
        response = get_conditional_response(request, etag, None, whole) or whole
        response["ETag"] = etag
    else:
        given = context | {"term": term, "live": live}
        response = TemplateResponse(request, "messaging/flow.html", given)
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = POLICY
    return response


def _seen(term: str) -> dict[str, Any]:
    timelines, others_told = find(term)
    return {
        "flow": overview(),
        "timelines": timelines,
        "others_told": others_told,
        "term": term,
    }


def find(term: str) -> tuple[list[Timeline], bool]:
    """Return the events that a person looks for, or the newest, and whether the others told."""
    wanted = Wanted.by(term)
    here = known_here(wanted)
    event_ids = [*wanted.event_ids, *(known.event_id for known in here)]
    told = ask_others(list(dict.fromkeys(event_ids)), wanted.trace_id)
    return merged(here, told), told is not None
