"""The addresses of the page: what stands at each, as those read it who run no scripts.

A script of the page shows the quotes. The response has the title and the tags that previews of a
link go by, the quote's page whole, and the status that goes with what is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote as quoted
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gateway.context import RequestContext, address_key
from gateway.error_codes import ErrorCode
from gateway.execution.execute import execute
from gateway.execution.operation import Operation
from gateway.web.pages import page
from gateway.web.views import note_outcomes, take_of_rate
from web.addresses import address_of
from web.errors import TooManyRequests

SITE = "Quotes in step"
_ABOUT = "Words worth repeating, and how many like them."
_EXCERPT = 60  # characters of a quote in a title; so in messages.js
_SHORT, _MEDIUM = 60, 170  # characters of a quote that is set large, or less so; so in card.js
_LONGEST = {"search": 200, "author": 100}  # characters; what the schema takes
_QUOTE = """query QuotePage($id: ID!) {
  quote(id: $id) { id title author likes createdAt createdBy { username } }
}"""
_PERSON = """query PersonPage($username: String!) {
  user(username: $username) { username joinedAt }
}"""
_SOON = 5  # seconds; a breaker leaves a service alone for as long


@dataclass(frozen=True)
class Place:
    """What stands at an address. `title` is without the site's name."""

    address: str
    title: str = ""
    description: str = _ABOUT
    kicker: str = ""  # stands above the heading
    heading: str = ""
    status: int = 200
    state: str = ""  # "missing" or "away" of what should be there
    quote: Mapping[str, Any] | None = None
    since: datetime | None = None  # when a person registered
    retry_after: int = 0  # seconds


@require_safe
def quotes(request: HttpRequest) -> HttpResponse:
    """Return the page with all quotes, those of an author, or those that a search finds."""
    author, search = _asked(request, "author"), _asked(request, "search")
    if author:
        return _shown(
            request,
            Place(
                f"/?{urlencode({'author': author})}",
                title=author,
                description=f"What {author} said, and how many like it.",
                kicker="Said by",
                heading=author,
            ),
        )
    if search:
        address = f"/?{urlencode({'search': search})}"
        return _shown(request, Place(address, title=f"“{search}”"))
    return _shown(request, Place("/"))


@require_safe
def quote(request: HttpRequest, number: int) -> HttpResponse:
    """Return the page of a quote."""
    address = f"/quotes/{number}"
    try:
        found = _ask(request, "quote", _QUOTE, {"id": str(number)})
    except _NotShown as reason:
        return _shown(request, reason.place(address, "No such quote"))
    title, author = f"“{_excerpt(found['title'])}”", found["author"] or ""
    place = Place(
        address,
        title=f"{title} {author}".strip(),
        description=f"“{found['title']}” {author}".strip(),
        quote={
            **found,
            "createdAt": _moment(found["createdAt"]),
            "length": _length(found["title"]),
        },
    )
    return _shown(request, place)


@require_safe
def person(request: HttpRequest, username: str) -> HttpResponse:
    """Return the page with the quotes that a user has written."""
    return _of_person(request, username, "", "Shared by")


@require_safe
def likes(request: HttpRequest, username: str) -> HttpResponse:
    """Return the page with the quotes that a user likes."""
    return _of_person(request, username, "/likes", "Liked by")


def _of_person(request: HttpRequest, username: str, part: str, kicker: str) -> HttpResponse:
    try:
        found = _ask(request, "user", _PERSON, {"username": username})
    except _NotShown as reason:
        return _shown(request, reason.place(_person_address(username, part), "Nobody of that name"))
    name = found["username"]  # in its own form of Unicode
    place = Place(
        _person_address(name, part),
        title=f"{kicker} {name}",
        description=f"Quotes {kicker.lower()} {name}.",
        kicker=kicker,
        heading=name,
        since=_moment(found["joinedAt"]),
    )
    return _shown(request, place)


def _person_address(username: str, part: str) -> str:
    return f"/@{quoted(username, safe='@+')}{part}"


class _NotShown(Exception):
    """What should be at an address isn't there, or nobody can tell now."""

    def __init__(self, status: int, retry_after: int = 0) -> None:
        super().__init__(status)
        self._status, self._retry_after = status, retry_after

    def place(self, address: str, missing: str) -> Place:
        """Return what stands there instead; `missing` is its title if nothing ever was."""
        if self._status == 404:
            return Place(address, missing, status=404, state="missing")
        return Place(
            address, status=self._status, state="away", retry_after=self._retry_after or _SOON
        )


def _ask(
    request: HttpRequest, field: str, query: str, variables: dict[str, Any]
) -> Mapping[str, Any]:
    """Return what a query finds in a field, as anybody sees it. Raise _NotShown."""
    address = address_of(request)
    try:
        take_of_rate(address_key(address))
    except TooManyRequests as error:
        raise _NotShown(429, error.retry_after) from None
    context = RequestContext(None, address)
    outcome = execute(Operation(query, variables), context, may_write=False)
    note_outcomes(request, [outcome], [context])
    found: Mapping[str, Any] | None = (outcome.data or {}).get(field)
    if found is not None:
        return found
    if not outcome.errors or outcome.has_code(ErrorCode.BAD_USER_INPUT):
        raise _NotShown(404)
    raise _NotShown(503, context.services.retry_after)


def _shown(request: HttpRequest, place: Place) -> HttpResponse:
    values = {
        "place": place,
        "site": SITE,
        "title": f"{place.title} · {SITE}" if place.title else SITE,
        "canonical": request.build_absolute_uri(place.address),
    }
    response = page(request, values, place.status)
    if place.retry_after:
        response["Retry-After"] = str(place.retry_after)
    return response


def _asked(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "")[: _LONGEST[name]].strip()


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}…"


def _length(text: str) -> str:
    """Return what a quote is set by; card.js knows the same."""
    return "short" if len(text) <= _SHORT else "medium" if len(text) <= _MEDIUM else "long"


def _moment(value: str | datetime) -> datetime:
    """Return a time that is a text already where graphql-core executes."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
