"""A service's events for people and programs: a page, and the AsyncAPI document that it shows.

The page is plain HTML without scripts, so nothing of it comes from elsewhere.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from messaging.asyncapi import document


class Member(NamedTuple):
    """A member of an event's data or of its headers, as the page shows it."""

    name: str
    type: str
    required: bool
    description: str


class EventType(NamedTuple):
    """A type of event, as the page shows it."""

    name: str
    title: str
    description: str
    members: list[Member]


class Operation(NamedTuple):
    """What the service does with events of some types, and with which channel."""

    action: str
    where: str
    summary: str
    channel: str
    types: list[EventType]


@require_safe
def asyncapi(request: HttpRequest) -> HttpResponse:
    """Return the AsyncAPI document."""
    return HttpResponse(orjson.dumps(document()), content_type="application/json")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Return the page."""
    shown = document()
    context = {
        "info": shown["info"],
        "operations": list(_operations(shown)),
        "headers": _members(shown["components"]["schemas"]["CloudEvent"]),
    }
    return render(request, "messaging/events.html", context)


urlpatterns = [path("asyncapi.json", asyncapi), path("docs/events", page)]


def _operations(shown: Mapping[str, Any]) -> Iterator[Operation]:
    for operation in shown["operations"].values():
        channel = _followed(shown, operation["channel"])
        yield Operation(
            action={"send": "Sent", "receive": "Received"}[operation["action"]],
            where=channel["title"],
            summary=operation["summary"],
            channel=channel["description"],
            types=[
                _event_type(_followed(shown, _followed(shown, reference)))
                for reference in operation["messages"]
            ],
        )


def _event_type(message: Mapping[str, Any]) -> EventType:
    return EventType(
        name=message["name"],
        title=message["title"],
        description=message["description"],
        members=_members(message["payload"]),
    )


def _members(schema: Mapping[str, Any]) -> list[Member]:
    required = schema.get("required", ())
    return [
        Member(name, _spoken(member), name in required, member.get("description", ""))
        for name, member in schema.get("properties", {}).items()
    ]


def _spoken(schema: Mapping[str, Any]) -> str:
    if "const" in schema:
        return f'"{schema["const"]}"'
    kinds = schema.get("type", "any")
    kind = kinds if isinstance(kinds, str) else " or ".join(kinds)
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _followed(shown: Mapping[str, Any], reference: Mapping[str, Any]) -> Any:
    place: Any = shown
    for name in reference["$ref"].removeprefix("#/").split("/"):
        place = place[name]
    return place
