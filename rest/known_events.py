"""What a service tells the others of events that it wrote or handled, for their `/flow`.

Whoever knows the id of an event or of a request's trace may ask: nobody guesses either, and what
is told are types, subjects and times.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Schema
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from messaging.flow.asking import MOST_CHARACTERS, MOST_IDS, can_be_asked
from messaging.flow.known import known_here
from messaging.flow.timelines import Wanted
from rest.responses import json_response


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    ids = value.split(",")
    if len(ids) > MOST_IDS:
        raise PydanticCustomError("too_long", f"must be at most {MOST_IDS} ids")
    if not all(map(can_be_asked, ids)):
        raise ValueError("must be ids of events with commas between")
    return ids


EventIds = Annotated[
    list[str],
    BeforeValidator(_split),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^[ -+\\--~]{{1,{MOST_CHARACTERS}}}(,[ -+\\--~]{{1,{MOST_CHARACTERS}}})*$",
        }
    ),
]
TraceId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class KnownStep(Schema):
    """Something that happened to an event."""

    at: datetime
    what: str


class KnownEvent(Schema):
    """What is known of one event, and what has become of it at `place`."""

    event_id: str
    source: str
    type: str
    subject: str
    trace_id: str
    place: str
    state: str
    steps: list[KnownStep]


class KnownEvents(Schema):
    """Those that are known, of those asked for."""

    items: list[KnownEvent]


def known_events(event_ids: Sequence[str], trace_id: str) -> HttpResponse:
    """Respond with what is known here of events."""
    asked = event_ids or trace_id
    known = known_here(Wanted(event_ids=event_ids, trace_id=trace_id)) if asked else []
    return json_response({"items": [each.as_json() for each in known]})
